/** `odbfs demo`: a folder to play with, and nothing left of it afterwards. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { odbfsMounts } from '../../src/daemon/index.js';
import { eventually, runShell } from '../support/cli-account.js';
import { CliHome, MAIN } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';

async function startDemo(context: TestContext, env: Record<string, string> = {}) {
  const home = new CliHome(context);
  const temporary = join(home.folder, 'tmp');
  mkdirSync(temporary);
  const mountpoint = join(home.folder, 'Drive');
  const child = spawn(process.execPath, [MAIN, 'demo', mountpoint], {
    env: { ...home.env, ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  // Before the home that it is in, which can't be removed as long as something is mounted there.
  lastFirst(context, async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await eventually(async () => out.includes('Ctrl-C ends the demo') || child.exitCode !== null, 60_000);
  assert.equal(child.exitCode, null, err);
  return { child, ended, mountpoint, temporary, text: () => out + err };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`the demo works with ordinary programs, and ${signal} undoes everything`, async (context) => {
    const demo = await startDemo(context);
    const used = await runShell(
      'ls && cat Welcome.txt && cp Welcome.txt Documents/Copy.txt && mv Documents/Copy.txt Notes/ && grep -rl milk Notes | wc -l',
      demo.mountpoint,
    );
    assert.equal(used.code, 0, used.err);
    assert.match(used.out, /Welcome\.txt/);
    assert.match(used.out, /\n6\n$/);
    demo.child.kill(signal);
    assert.equal(await demo.ended, 0, demo.text());
    assert.deepEqual(
      odbfsMounts().filter(({ mountpoint }) => mountpoint === demo.mountpoint),
      [],
    );
    assert.equal(existsSync(demo.mountpoint), false);
    assert.deepEqual(readdirSync(demo.temporary), []);
  });
}

test('the demo ends when its folder is unmounted', async (context) => {
  const demo = await startDemo(context);
  await eventually(() => isUnmounted(demo.mountpoint));
  assert.equal(await demo.ended, 0, demo.text());
  assert.deepEqual(readdirSync(demo.temporary), []);
});

/** Refused while anybody looks at the mount, as `odbfs doctor` of another test does for a moment. */
async function isUnmounted(mountpoint: string): Promise<boolean> {
  const { code } = await runShell(`umount '${mountpoint}' || fusermount3 -u '${mountpoint}'`, '/');
  return code === 0;
}
