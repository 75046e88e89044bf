/** What is owed while the server is away: exit codes 6, and nothing lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCOUNT, CliAccount, eventually } from '../support/cli-account.js';

const AWAY = { switches: { failNext: 1_000_000, failStatus: 503 } };
const BACK = { switches: { failNext: 0 } };

test('flush and unmount say what is still owed and exit 6; the next mount sends it', async (context) => {
  const account = await CliAccount.mounted(context);
  await account.shell('ls');
  await account.server.control('switches', AWAY);
  assert.equal((await account.shell('echo kept > owed.txt')).code, 0);
  const flushed = await account.home.run(['flush', '--timeout', '4']);
  assert.equal(flushed.code, 6, flushed.err);
  assert.match(flushed.err, /^odbfs: 1 uploads? .*still owed[^\n]*\n$/, 'one line, no progress between');
  const unmounted = await account.home.run(['unmount', '--timeout', '2', account.mountpoint]);
  assert.equal(unmounted.code, 6, unmounted.err);
  const status = await account.status();
  assert.deepEqual([status.mountpoint, status.uploads.owed, status.uploads.bytesOwed], [null, 1, 5]);

  await account.server.control('switches', BACK);
  await account.mount();
  const done = await account.home.run(['flush']);
  assert.equal(done.code, 0, done.err);
  assert.equal(await account.server.read('owed.txt'), 'kept\n');
});

test('SIGTERM unmounts and waits for uploads, then ends well', async (context) => {
  const account = await CliAccount.mounted(context);
  await account.shell('ls');
  await account.server.control('switches', AWAY);
  assert.equal((await account.shell('echo waited > slow.txt')).code, 0);
  const { pid } = await account.status();
  process.kill(pid!, 'SIGTERM');
  await eventually(async () => (await account.status()).mountpoint === null);
  assert.equal((await account.status()).pid, pid);
  await account.server.control('switches', BACK);
  await eventually(async () => (await account.status()).pid === null);
  assert.equal(await account.server.read('slow.txt'), 'waited\n');
  assert.equal((await account.status()).uploads.owed, 0);
});

test('kill -9 loses nothing: the dead mount is cleared away, and what was owed arrives', async (context) => {
  const account = await CliAccount.mounted(context);
  await account.shell('ls');
  await account.server.control('switches', AWAY);
  assert.equal((await account.shell('mkdir -p a/b && echo survived > a/b/file.txt')).code, 0);
  const { pid } = await account.status();
  process.kill(pid!, 'SIGKILL');
  await eventually(async () => (await account.status()).pid === null);
  await account.server.control('switches', BACK);
  await account.mount();
  assert.equal((await account.shell('cat a/b/file.txt')).out, 'survived\n');
  assert.equal((await account.home.run(['flush'])).code, 0);
  assert.equal(await account.server.read('a/b/file.txt'), 'survived\n');
});

test('the mount of a dead daemon is taken away by unmount', async (context) => {
  const account = await CliAccount.mounted(context);
  process.kill((await account.status()).pid!, 'SIGKILL');
  await eventually(async () => (await account.status()).pid === null);
  const { code, err } = await account.home.run(['unmount', ACCOUNT]);
  assert.equal(code, 0, err);
  assert.match(err, /its daemon was gone/);
  assert.equal((await account.home.run(['unmount', ACCOUNT])).code, 5);
});
