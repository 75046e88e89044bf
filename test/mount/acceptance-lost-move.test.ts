/**
 * kill -9 between what a server without ids did with a MOVE and the note of it: the folder, or the file, is who it was, and
 * nothing that was owed in it becomes a conflict with ourselves.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually, expectDone, runShell } from '../support/cli-account.js';
import { CliHome } from '../support/cli-run.js';
import { HoldingProxy } from '../support/holding-proxy.js';
import { lastFirst } from '../support/last-first.js';
import { MOD_DAV_PASSWORD, MOD_DAV_USER, ModDav, modDavMissing } from '../support/mod-dav.js';

const LIMIT = { skip: modDavMissing(), timeout: 120_000 };

interface Crash {
  /** In the mount; the server does the move, and its answer is lost. */
  readonly moving: string;
  /** What else is done before the end. */
  readonly before: string;
  /** After the next start. */
  readonly after: string;
  /** What there is then, here and on the server: names and contents. */
  readonly files: Readonly<Record<string, string>>;
  /** One of the files, whose mode is what was set here. */
  readonly mode: readonly [path: string, mode: string];
}

async function crash(t: TestContext, { moving, before, after, files, mode }: Crash): Promise<void> {
  const home = new CliHome(t);
  const server = await ModDav.start(t);
  const proxy = await HoldingProxy.start(t, server.url);
  const mountpoint = join(home.folder, 'drive');
  lastFirst(t, () => home.run(['unmount', '--now', mountpoint]));
  const odbfs = async (words: string[], input = '') => expectDone(await home.run(words, input));
  const shell = async (script: string, folder = mountpoint) => {
    const outcome = await runShell(`set -e; cd '${folder}'; ${script}`, home.folder);
    expectDone(outcome);
    return outcome.out;
  };
  const login = ['login', proxy.url, '--account', 'files', '--server', 'webdav'];
  await odbfs([...login, '--username', MOD_DAV_USER, '--password-stdin'], `${MOD_DAV_PASSWORD}\n`);
  await odbfs(['mount', 'files', mountpoint]);
  await shell('mkdir -p old/sub; echo 1 > old/f; echo 2 > old/sub/f; echo 3 > file; chmod 601 old/f file');
  await odbfs(['flush', mountpoint]);
  proxy.isHolding = true;
  await shell(moving);
  await eventually(async () => proxy.held > 0);
  await shell(before);
  const { accounts } = JSON.parse((await home.run(['status', '--json'])).out);
  process.kill(accounts[0].pid, 'SIGKILL');
  proxy.isHolding = false;
  await odbfs(['mount', 'files', mountpoint]);
  await shell(after);
  await odbfs(['flush', mountpoint]);
  const listed = 'find . -type f | sort | while read -r file; do echo "$file: $(cat "$file")"; done';
  const expected = Object.entries(files).map(([path, content]) => `./${path}: ${content}\n`);
  for (const folder of [mountpoint, server.files])
    assert.equal(await shell(listed, folder), expected.join(''), folder);
  assert.equal(await shell(`stat -c %a ${mode[0]}`), `${mode[1]}\n`);
}

test('a folder, with what is owed in it', LIMIT, (t) =>
  crash(t, {
    moving: 'mv old new',
    before: 'echo changed > new/f; echo more > new/sub/g',
    after: 'ls -R . > /dev/null',
    files: { file: '3', 'new/f': 'changed', 'new/sub/f': '2', 'new/sub/g': 'more' },
    mode: ['new/f', '601'],
  }),
);

test('a folder that is renamed once more', LIMIT, (t) =>
  crash(t, {
    moving: 'mv old new',
    before: 'echo changed > new/f; mv new newer',
    after: ':',
    files: { file: '3', 'newer/f': 'changed', 'newer/sub/f': '2' },
    mode: ['newer/f', '601'],
  }),
);

test('a file that is written to', LIMIT, (t) =>
  crash(t, {
    moving: 'mv file moved',
    before: 'echo changed > moved',
    after: ':',
    files: { moved: 'changed', 'old/f': '1', 'old/sub/f': '2' },
    mode: ['moved', '601'],
  }),
);
