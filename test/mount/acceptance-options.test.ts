/** cli.md, "Mount options": what each of them changes can be seen from outside. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACCOUNT, eventually } from '../support/cli-account.js';
import { MountedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const LIMIT = { timeout: 120_000, skip: missingPrograms('getfattr') };

test(
  '"open revalidates a file whose attributes are older than the attribute lifetime; -o actimeo=N sets it"',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { options: ['actimeo=1', 'poll=3600'] });
    await drive.server.control('write', { path: 'theirs.txt', text: 'first' });
    await eventually(async () => (await drive.attempt('cat theirs.txt')).out === 'first');
    await drive.server.control('write', { path: 'theirs.txt', text: 'the second' });
    await eventually(
      async () => (await drive.shell('cat theirs.txt; stat -c " %s" theirs.txt')) === 'the second 10\n',
    );
  },
);

test(
  'what has to be fetched is opened at the version that the server has: nobody is left with ESTALE',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { options: ['poll=3600', 'actimeo=3600'] });
    await drive.unmount();
    await drive.server.control('write', { path: 'theirs.txt', text: 'first' });
    await drive.mount();
    await eventually(async () => (await drive.attempt('test -e theirs.txt')).code === 0);
    await drive.server.control('write', { path: 'theirs.txt', text: 'the second' });
    await eventually(async () => (await drive.attempt('cat theirs.txt')).out === 'the second');
  },
);

test('-o blocks=cached: "tells what is on this disk"', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { options: ['blocks=cached', 'poll=1'] });
  await drive.server.control('write', { path: 'theirs.bin', size: 1_000_000 });
  await eventually(async () => (await drive.attempt('test -e theirs.bin')).code === 0);
  assert.equal(await drive.shell('stat -c %b theirs.bin'), '0\n');
  await drive.shell('cat theirs.bin > "$L/read"');
  assert.ok(Number(await drive.shell('stat -c %b theirs.bin')) >= 1953);
  await drive.account.home.run(['evict', drive.account.path('theirs.bin')]);
  await eventually(async () => (await drive.shell('stat -c %b theirs.bin')) === '0\n');
});

test(
  '`user.odbfs.*` is "readable on every item, not listed by default", also before the server has it',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { switches: { latencyMs: 3000 } });
    const told = await drive.shell(`echo new > new.txt
    for name in state id etag url; do getfattr --only-values -n user.odbfs.$name new.txt; echo; done; getfattr new.txt`);
    assert.match(told, /^(owed|uploading \d+%)\n/);
    assert.equal(told.split('\n').length, 5, 'each of them is readable, none is listed');
    await drive.turn({ latencyMs: 0 });
    await drive.flush();
    const { id } = await drive.remote('new.txt');
    assert.equal(await drive.shell('getfattr --only-values -n user.odbfs.id new.txt'), id.toLowerCase());
  },
);

test('a conflict copy says so until somebody decides', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, {
    options: ['poll=1'],
    warnings: /somebody else changed|changed here and on the server/,
  });
  await drive.shell('echo base > doc.txt');
  await drive.flush();
  await drive.turn({ failNext: 1_000_000, failStatus: 503 });
  await drive.shell('echo mine > doc.txt');
  await drive.server.control('write', { path: 'doc.txt', text: 'theirs' });
  await drive.turn({ failNext: 0 });
  await drive.flush();
  const state = 'getfattr --only-values -n user.odbfs.state';
  assert.equal(await drive.shell(`${state} doc*conflict*.txt`), 'conflict');
  assert.notEqual(await drive.shell(`${state} doc.txt`), 'conflict');
  await drive.shell('mv doc*conflict*.txt decided.txt');
  await drive.flush();
  assert.equal(await drive.shell(`${state} decided.txt`), 'cached');
});

const SYNC = `python3 - <<'END'
import errno, os, sys
fd = os.open(os.environ["FILE"], os.O_CREAT | os.O_WRONLY)
os.write(fd, b"x" * 5000)
try:
    os.fsync(fd)
    print("confirmed")
except OSError as error:
    print(errno.errorcode[error.errno])
END`;

test(
  '-o fsync=remote returns when the server has it, and tells within a bound why it does not',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t, { options: ['fsync=remote'], warnings: /./ });
    const sync = (file: string) => drive.shell(`export FILE=${file}; ${SYNC}`);
    assert.equal(await sync('kept'), 'confirmed\n');
    assert.equal((await drive.server.read('kept')).length, 5000);
    await drive.turn({ quotaBytes: 5001 });
    assert.equal(await sync('no-room'), 'EDQUOT\n');
    await drive.turn({ quotaBytes: 1_000_000, failNext: 1_000_000, failStatus: 403, faultMatch: 'secret' });
    assert.equal(await sync('secret'), 'EIO\n');
    await drive.turn({ failNext: 0, faultMatch: '', dropNext: 1_000_000 });
    assert.equal(await sync('away'), 'ENETUNREACH\n');
    await drive.turn({ dropNext: 0 });
    await drive.flush();
    for (const file of ['no-room', 'secret', 'away'])
      assert.equal((await drive.server.read(file)).length, 5000, `${file} was owed all the same`);
  },
);

test(
  '-o state_dir moves what is owed, and leaves the sign-in where the other commands look for it',
  LIMIT,
  async (t) => {
    const drive = await MountedDrive.start(t);
    await drive.unmount();
    const place = join(drive.local, 'elsewhere');
    await drive.account.mount([`state_dir=${place}`]);
    await drive.shell('echo owed > file');
    await drive.flush();
    assert.equal(await drive.server.read('file'), 'owed\n');
    assert.ok(readdirSync(join(place, ACCOUNT)).length > 0);
    assert.equal((await drive.account.status()).auth.state, 'ok');
  },
);
