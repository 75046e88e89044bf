/** What the server will not take stays reachable in the mount, with its reason, until somebody decides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/cli-account.js';
import { MountedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const LIMIT = { timeout: 120_000, skip: missingPrograms('getfattr') };

function flush(drive: MountedDrive, seconds: number) {
  return drive.account.home.run(['flush', drive.mountpoint, '--timeout', String(seconds)]);
}

test('forbidden: shown with its reason, readable, and sent when it is tried again', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { warnings: /refuses this|still to be sent|still owed/ });
  await drive.shell('echo before > other');
  await drive.flush();
  await drive.turn({ failNext: 1_000_000, failStatus: 403, faultMatch: 'secret' });
  await drive.shell('echo mine > secret.txt; echo new > other');
  const refused = await flush(drive, 30);
  assert.equal(refused.code, 1, refused.err);
  assert.match(refused.err, /secret\.txt: /);
  assert.equal((await drive.account.status()).uploads.refused, 1);
  assert.match(await drive.shell('getfattr --only-values -n user.odbfs.state secret.txt'), /^refused: ./);
  assert.equal(await drive.shell('cat secret.txt'), 'mine\n');
  assert.equal(await drive.server.read('other'), 'new\n', 'it holds up nobody else');
  assert.equal(
    (await drive.account.home.run(['unmount', drive.mountpoint])).code,
    6,
    'it says what it still owes',
  );
  await drive.mount();
  assert.equal(await drive.shell('cat secret.txt'), 'mine\n');
  await drive.shell('mv secret.txt public.txt');
  await drive.flush();
  assert.equal(await drive.server.read('public.txt'), 'mine\n');
});

test('what is in a folder that is refused is told as such, and nobody waits for it', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { warnings: /refuses this|still to be sent|still owed/ });
  await drive.turn({ failNext: 1_000_000, failStatus: 403, faultMatch: 'secret' });
  await drive.shell('mkdir -p secret/deep; echo mine > secret/deep/file');
  for (const path of [drive.mountpoint, `${drive.mountpoint}/secret/deep`]) {
    const refused = await drive.account.home.run(['flush', path]);
    assert.deepEqual([refused.code, refused.err.trim().split('\n').length], [1, 1], refused.err);
    assert.match(refused.err, /secret: /);
  }
  for (const name of ['state', 'reason']) {
    const told = await drive.shell(`getfattr --only-values -n user.odbfs.${name} secret/deep/file`);
    assert.match(told, /its folder is refused: ./);
  }
  const { code, err } = await drive.account.home.run(['unmount', drive.mountpoint]);
  assert.equal(code, 6, err);
  await drive.mount();
  await drive.shell('mv secret open');
  await drive.flush();
  assert.equal(await drive.server.read('open/deep/file'), 'mine\n');
});

test('locked by a co-author: kept, and sent when the lock has gone', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { warnings: /./ });
  await drive.shell('echo first > plan.docx.txt');
  await drive.flush();
  await drive.server.control('lock', { path: 'plan.docx.txt' });
  await drive.shell('echo second > plan.docx.txt');
  assert.notEqual((await flush(drive, 3)).code, 0);
  assert.equal(await drive.shell('cat plan.docx.txt'), 'second\n');
  assert.equal(await drive.server.read('plan.docx.txt'), 'first\n');
  await drive.server.control('unlock', { path: 'plan.docx.txt' });
  await drive.flush();
  assert.equal(await drive.server.read('plan.docx.txt'), 'second\n');
});

test(
  'a full drive: the writer is told, the bytes are kept, and arrive when there is room',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { warnings: /./, switches: { quotaBytes: 100_000 } });
    await drive.attempt('head -c 300000 /dev/zero > large');
    await drive.shell('echo small > small');
    assert.notEqual((await flush(drive, 5)).code, 0);
    assert.equal(await drive.shell('wc -c < large'), '300000\n');
    const reason = await drive.shell('getfattr --only-values -n user.odbfs.reason large');
    assert.notEqual(reason, '');
    assert.equal(await drive.shell('getfattr --only-values -n user.odbfs.state large'), 'owed');
    const isTold = async () =>
      /tried again each minute: ./.test((await drive.account.home.here(['status'])).out);
    await eventually(isTold);
    await drive.turn({ quotaBytes: 10_000_000 });
    await drive.flush();
    assert.equal((await drive.remote('large')).size, 300_000);
    assert.equal(await drive.server.read('small'), 'small\n');
  },
);
