/** The stand-in held against davfs2, mounted with a cookie header as people mount SharePoint with it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Standin } from '../../src/standin/index.js';
import { expectDone, runShell } from '../support/cli-account.js';
import { temporaryFolder } from '../support/daemon-fakes.js';
import { lastFirst } from '../support/last-first.js';
import { missingPrograms } from '../support/programs.js';
import { standinFor } from '../support/standin-sign-in.js';

const skip = process.getuid?.() === 0 ? missingPrograms('mount.davfs') : 'davfs2 mounts as root only';

/** Runs commands in a davfs2 mount of the stand-in's drive; its queue is empty, or nearly so, when `leave` resolves. */
async function davfs2On(t: TestContext, standin: Standin) {
  const folder = temporaryFolder(t);
  const mountpoint = join(folder, 'mnt');
  mkdirSync(mountpoint);
  const config = join(folder, 'davfs2.conf');
  // The default buffer is smaller than what a kernel since 6.16 asks for in one readdir.
  const lines = ['use_locks 0', 'ask_auth 0', 'delay_upload 1', 'buf_size 256'];
  const header = `add_header Cookie "${standin.control.cookies()}"`;
  writeFileSync(config, `${[...lines, header].join('\n')}\n`, { mode: 0o600 });
  const options = `conf=${config},username=none,uid=0,gid=0`;
  lastFirst(t, () => runShell(`umount '${mountpoint}' 2>/dev/null`, folder));
  expectDone(
    await runShell(
      `printf '\\n\\n' | mount.davfs '${standin.url}/Documents/' '${mountpoint}' -o '${options}'`,
      folder,
    ),
  );
  const leave = async () => expectDone(await runShell(`umount '${mountpoint}'`, folder));
  return { leave, run: (command: string) => runShell(command, mountpoint) };
}

test('davfs2 lists, reads, writes, renames and removes', { skip, timeout: 60_000 }, async (t) => {
  const standin = await standinFor(t);
  standin.control.drive().write('read me.txt', 'hello');
  standin.control.drive().write('dir/ä #1%.txt', 'deep');
  const mount = await davfs2On(t, standin);
  const read = await mount.run(`ls -lR && cat 'read me.txt' 'dir/ä #1%.txt'`);
  assert.equal(read.code, 0, read.err);
  assert.match(read.out, /hellodeep$/);
  expectDone(await mount.run(`mkdir new && cp 'read me.txt' new/copy && mv dir moved && rm 'read me.txt'`));
  await mount.leave();
  const paths = async () => (await standin.control.tree()).map(({ path }) => path);
  // umount(8) does not always wait for the daemon, which still sends.
  for (let tries = 0; tries < 100 && !(await paths()).includes('new/copy'); tries += 1) await delay(100);
  assert.deepEqual(await paths(), ['moved', 'moved/ä #1%.txt', 'new', 'new/copy']);
  assert.equal((await standin.control.drive().read('new/copy')).toString(), 'hello');
});

test('davfs2 loses an empty file, as it does at the service', { skip, timeout: 30_000 }, async (t) => {
  const standin = await standinFor(t);
  const mount = await davfs2On(t, standin);
  expectDone(await mount.run(': > empty'));
  await mount.leave();
  assert.deepEqual(await standin.control.tree(), []);
});
