/** Our own disks in the way: one clear line that names the folder and what to do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACCOUNT, CliAccount, eventually } from '../support/cli-account.js';
import { noSmallDisk, SmallDisk } from '../support/small-disk.js';

test('mount names the disk that is full or read-only', {
  skip: noSmallDisk,
}, async (context) => {
  const account = await CliAccount.signedIn(context);
  const disk = new SmallDisk(1024 * 1024);
  context.after(() => disk.remove());
  const mount = (option: string) => account.home.run(['mount', ACCOUNT, account.mountpoint, '-o', option]);
  const folder = join(disk.folder, ACCOUNT);
  mkdirSync(folder, { mode: 0o700 });
  disk.fill();
  for (const option of ['cache_dir', 'state_dir']) {
    const full = await mount(`${option}=${disk.folder}`);
    assert.equal(full.code, 1);
    assert.equal(
      full.err,
      `odbfs: the disk is full at ${folder}: free some space, or choose another disk with state_dir, cache_dir\n`,
    );
  }
  disk.empty();
  await eventually(async () => isReadOnlyNow(disk.folder));
  for (const option of ['cache_dir', 'state_dir']) {
    const readOnly = await mount(`${option}=${disk.folder}`);
    assert.equal(readOnly.code, 1);
    assert.equal(
      readOnly.err,
      `odbfs: ${folder} is on a disk that is read-only: make it writable, or choose another folder with state_dir, cache_dir\n`,
    );
  }
});

/** Refused as long as a daemon that gave up has not closed its last file. */
function isReadOnlyNow(folder: string): boolean {
  const { status } = spawnSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' });
  return status === 0;
}
