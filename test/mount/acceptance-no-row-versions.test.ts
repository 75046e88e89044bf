/** A library whose rows do not tell which versions its files have: it is followed all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/cli-account.js';
import { MountedDrive } from '../support/mounted-drive.js';

const LIMIT = { timeout: 120_000 };

test('what others do is seen without asking folder by folder, and what we did is ours', LIMIT, async (t) => {
  const switches = { rowVersions: 'missing' };
  const drive = await MountedDrive.start(t, { options: ['poll=1', 'actimeo=600'], switches });
  const { server, account } = drive;
  const soon = (check: string) =>
    drive.shell(`for n in $(seq 200); do ! ${check} || exit 0; sleep 0.1; done; ${check}`);
  await server.control('write', { path: 'deep/er/theirs', text: 'one' });
  await eventually(async () => (await account.status()).tree.complete);
  await soon('test "$(cat deep/er/theirs)" = one');
  await drive.shell('echo ours > deep/mine; echo doc > deep/a.txt');
  await drive.flush();
  // within the same second and of the same size: only the server can tell
  await server.control('write', { path: 'deep/er/theirs', text: 'two' });
  await server.control('write', { path: 'deep/er/new', text: 'new' });
  await soon('test "$(cat deep/er/theirs)" = two');
  await soon('test "$(cat deep/er/new)" = new');
  for (const text of ['again', 'and again', 'once more']) {
    await drive.shell(`echo "${text}" > deep/mine`);
    await drive.flush();
  }
  await server.control('move', { path: 'deep/er', to: 'moved' });
  await soon('test -e moved/new -a ! -e deep/er');
  await server.control('remove', { path: 'moved/theirs' });
  await soon('test ! -e moved/theirs');
  await drive.remount();
  assert.equal(
    await drive.shell('find . -type f | sort | tr "\\n" " "'),
    './deep/a.txt ./deep/mine ./moved/new ',
  );
  const names = (await drive.tree()).map(({ path }) => path).sort();
  assert.deepEqual(
    names,
    ['deep', 'deep/a.txt', 'deep/mine', 'moved', 'moved/new'],
    'no conflict with ourselves',
  );
  assert.equal((await account.status()).tree.complete, true);
});
