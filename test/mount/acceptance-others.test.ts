/** Other people at the same drive: their changes show up, nobody's work is overwritten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 90_000 };
const WAIT = 'for n in $(seq 100); do if eval "$CHECK"; then exit 0; fi; sleep 0.1; done; eval "$CHECK"';
const POLLING = { options: ['poll=1', 'actimeo=1'] };

function soon(drive: MountedDrive, check: string): Promise<string> {
  return drive.shell(`CHECK='${check}'; ${WAIT}`);
}

test('what others write, rename and remove shows up in an open mount', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, POLLING);
  await drive.shell('mkdir d; echo mine > d/a; ls -l d; cat d/a');
  await drive.flush();
  await drive.server.control('write', { path: 'd/theirs', text: 'hello' });
  await soon(drive, 'test "$(cat d/theirs 2>/dev/null)" = hello');
  await drive.server.control('write', { path: 'd/a', text: 'changed by others' });
  await soon(drive, 'test "$(cat d/a)" = "changed by others"');
  await drive.server.control('move', { path: 'd/theirs', to: 'moved' });
  await soon(drive, 'test -e moved -a ! -e d/theirs');
  await drive.server.control('remove', { path: 'd' });
  await soon(drive, 'test ! -e d');
});

test('both wrote: a conflict copy beside theirs, and both are readable', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, {
    ...POLLING,
    warnings: /changed here and on the server|somebody else changed this file/,
  });
  await drive.shell('echo base > plan.txt; cat plan.txt');
  await drive.flush();
  // Ours is written while the server cannot be asked; theirs arrives meanwhile.
  await drive.turn({ failNext: 1_000_000, failStatus: 503 });
  await drive.shell('echo ours >> plan.txt');
  await drive.server.control('write', { path: 'plan.txt', text: 'theirs' });
  await drive.turn({ failNext: 0 });
  await drive.account.home.run(['flush', '--timeout', '60']);
  const names = (await drive.tree()).map((entry) => entry.path);
  assert.equal(names.length, 2, names.join());
  const copy = names.find((name) => name !== 'plan.txt')!;
  assert.match(copy, /^plan \(conflict .+ \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt$/);
  assert.equal(await drive.server.read('plan.txt'), 'theirs');
  assert.equal(await drive.server.read(copy), 'base\nours\n');
  await soon(drive, 'test "$(cat plan.txt)" = theirs');
  assert.equal(await drive.shell(`cat '${copy}'`), 'base\nours\n');
});

test('a file that others removed is created again by who was writing it', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, POLLING);
  await drive.shell('echo base > f');
  await drive.flush();
  await drive.turn({ failNext: 1_000_000, failStatus: 503 });
  await drive.shell('echo more >> f');
  await drive.server.control('remove', { path: 'f' });
  await drive.turn({ failNext: 0 });
  await drive.flush();
  assert.equal(await drive.server.read('f'), 'base\nmore\n');
});

test('a full drive is told at write or close, not kept silent', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { switches: { quotaBytes: 300_000 }, warnings: /./ });
  await drive.server.control('write', { path: 'first', size: 200_000 });
  await drive.remount();
  await drive.shell('until test "$(df -B1 --output=size . | tail -1)" -lt 400000; do sleep 0.2; done', 30);
  const { code, err } = await drive.attempt('head -c 500000 /dev/zero > second');
  assert.notEqual(code, 0);
  assert.match(err, /No space left|quota exceeded/i);
});

test('a read-only mount refuses every change with EROFS', LIMIT, async (t) => {
  const drive = await MountedDrive.start(t, { options: ['ro'] });
  await drive.server.control('write', { path: 'd/f', text: 'x' });
  await drive.remount();
  await drive.shell('until test -e d/f; do sleep 0.2; done', 20);
  for (const change of [
    'echo x > new',
    'echo x >> d/f',
    'mkdir m',
    'rm d/f',
    'mv d e',
    'chmod 600 d/f',
    'touch d/f',
    'ln -s a b',
  ]) {
    const { code, err } = await drive.attempt(change);
    assert.notEqual(code, 0, change);
    assert.match(err, /Read-only file system/, change);
  }
  assert.equal(await drive.shell('cat d/f'), 'x');
});

test(
  'a document is as it was written when the server has rewritten it, and as somebody else wrote it next',
  LIMIT,
  async (t) => {
    const switches = { rewriteSites: 'all', rewriteAfterMs: 300 };
    const drive = await MountedDrive.start(t, { ...POLLING, switches });
    await drive.shell('echo ours > rewritten.docx');
    await drive.flush();
    await drive.shell(
      'sleep 2.5; test "$(cat rewritten.docx)" = ours; test $(stat -c %s rewritten.docx) = 5',
    );
    assert.notEqual(await drive.server.read('rewritten.docx'), 'ours\n');
    await drive.turn({ rewriteSites: 'none' });
    await drive.shell('echo ours > edited.docx');
    await drive.flush();
    await drive.server.control('write', { path: 'edited.docx', text: 'theirs' });
    await soon(drive, 'test "$(cat edited.docx)" = theirs');
  },
);
