/** The program as people and scripts use it: mount, status, flush, unmount, with their exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACCOUNT, CliAccount, eventually, runShell } from '../support/cli-account.js';

test('mount returns when the mount answers; what is written is on the server after flush, and here after a remount', async (context) => {
  const account = await CliAccount.mounted(context);
  const listed = await account.shell('ls && echo hello > note.txt && cat note.txt');
  assert.deepEqual([listed.code, listed.out], [0, 'hello\n']);
  const flushed = await account.home.run(['flush', account.path('note.txt')]);
  assert.deepEqual([flushed.code, flushed.out, flushed.err], [0, '', '']);
  assert.equal(await account.server.read('note.txt'), 'hello\n');

  const unmounted = await account.home.run(['unmount', account.mountpoint]);
  assert.deepEqual([unmounted.code, unmounted.out, unmounted.err], [0, '', '']);
  assert.deepEqual(readdirSync(account.mountpoint), []);
  await account.mount();
  assert.equal((await account.shell('cat note.txt')).out, 'hello\n');
});

test('status tells of the mount, and a second mount is refused', async (context) => {
  const account = await CliAccount.mounted(context);
  const status = await account.status();
  assert.equal(status.name, ACCOUNT);
  assert.equal(status.mountpoint, account.mountpoint);
  assert.equal(status.auth.state, 'ok');
  assert.equal(status.network.state, 'online');
  assert.ok(status.pid !== null && existsSync(`/proc/${status.pid}`));
  assert.ok(status.requests.total > 0);
  const again = await account.home.run(['mount', ACCOUNT, account.mountpoint]);
  assert.equal(again.code, 1);
  assert.match(again.err, /^odbfs: contoso is mounted already, at [^\n]+\n$/);
  const byName = await account.home.run(['unmount', ACCOUNT]);
  assert.equal(byName.code, 0, byName.err);
  const gone = await account.home.run(['unmount', ACCOUNT]);
  assert.equal(gone.code, 5, gone.err);
});

test('everything private is private', async (context) => {
  const account = await CliAccount.mounted(context);
  const { XDG_STATE_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = account.home.env;
  const open = [XDG_STATE_HOME!, XDG_CACHE_HOME!, XDG_RUNTIME_DIR!, XDG_CONFIG_HOME!].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077),
  );
  assert.deepEqual(open, []);
});

test('a folder that is not empty is not covered unless asked', async (context) => {
  const account = await CliAccount.signedIn(context);
  const place = account.home.env.HOME!;
  await account.home.run(['accounts']);
  const busy = await account.home.run(['mount', ACCOUNT, account.home.folder]);
  assert.equal(busy.code, 1);
  assert.match(busy.err, /is not empty: choose another MOUNTPOINT, or mount over it with -o nonempty/);
  assert.ok(existsSync(place));
});

test('a mount that is in use is refused to unmount, and taken away with --now', async (context) => {
  const account = await CliAccount.mounted(context);
  const user = spawn('sleep', ['60'], { cwd: account.mountpoint, stdio: 'ignore' });
  context.after(() => void user.kill());
  await eventually(async () => readlinkSync(`/proc/${user.pid}/cwd`) === account.mountpoint);
  const busy = await account.home.run(['unmount', account.mountpoint]);
  assert.equal(busy.code, 1);
  assert.match(busy.err, /^odbfs: .* is busy: [^\n]+\n$/);
  const now = await account.home.run(['unmount', '--now', account.mountpoint]);
  assert.equal(now.code, 0, now.err);
});

test('a mount that somebody took out of sight while it was used is stopped with --now, and else when nobody uses it', async (context) => {
  for (const flags of [['--now'], []]) {
    const account = await CliAccount.mounted(context);
    const user = spawn('sleep', ['60'], { cwd: account.mountpoint, stdio: 'ignore' });
    context.after(() => void user.kill());
    await eventually(async () => readlinkSync(`/proc/${user.pid}/cwd`) === account.mountpoint);
    const { pid } = await account.status();
    const hidden = await runShell(
      `umount -l ${account.mountpoint} || fusermount3 -uz ${account.mountpoint}`,
      '/',
    );
    assert.equal(hidden.code, 0, hidden.err);
    const stopped = await account.home.run(['unmount', ...flags, ACCOUNT]);
    if (flags.length > 0) {
      assert.deepEqual([stopped.code, stopped.err], [0, '']);
    } else {
      assert.equal(stopped.code, 1);
      assert.match(stopped.err, /^odbfs: .* is busy: [^\n]+\n$/);
      user.kill();
    }
    await eventually(async () => !existsSync(`/proc/${pid}`));
  }
});
