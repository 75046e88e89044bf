/** What a large new file grows under on the server, beside its place, until it is whole. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError, partialName } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

test("a folder's time outlives the news of an upload of ours that grows beside its place", async () => {
  await world.kernel.mkdir('/d');
  await world.settled();
  const { server } = world.drive;
  const part = `/d/${partialName(randomUUID())}`;
  let isGrowing = false;
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'upload' || isGrowing) return;
    isGrowing = true;
    server.write(part, Buffer.from('half'));
    throw new DriveError('unreachable', 'the answer is on its way');
  };
  await world.kernel.writeFile('/d/f', 'whole');
  const node = await world.kernel.node('/d');
  const modified = { seconds: 1_000_000_000, nanoseconds: 5 };
  await world.kernel.call('setattr', { node, handle: null, changes: { modified, killPrivileges: false } });
  const shown = async () => (await world.kernel.stat('/d')).modified;
  world.spool.hurry();
  while (!isGrowing) await new Promise((resolve) => setTimeout(resolve, 5));
  await world.caughtUp();
  assert.deepEqual(await shown(), modified, 'while it grows');
  server.write(part, Buffer.from('whole'));
  server.move(part, '/d/f');
  await world.caughtUp();
  assert.deepEqual(await shown(), modified, 'when it has its name, and the answer is still to come');
  world.spool.hurry();
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await shown(), modified, 'when the answer is here');
  server.move('/d/f', '/d/g');
  await world.caughtUp();
  assert.notDeepEqual(await shown(), modified, 'what others rename there changes it');
});

test('what grows for us beside its place is not seen; what somebody else left behind is', async () => {
  const { kernel, drive } = world;
  await kernel.mkdir('/d');
  await world.settled();
  const [ours, theirs] = [partialName(randomUUID()), partialName(randomUUID())];
  drive.server.write(`/${theirs}`, Buffer.from('half'));
  drive.server.write(`/d/${ours}`, Buffer.from('half'));
  await kernel.writeFile('/d/f', 'whole');
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/d'), ['f']);
  await assert.rejects(kernel.stat(`/d/${ours}`), { errno: 'ENOENT' });
  assert.ok((await kernel.list('/')).includes(theirs));
  await kernel.unlink(`/${theirs}`);
  await world.settled();
});

test('a folder in which a file of ours grows is removed like any other, and goes with what has grown', async () => {
  const { kernel, drive } = world;
  await kernel.mkdir('/d');
  await world.settled();
  await world.followed();
  const growsAs = partialName(randomUUID());
  let hasBegun = false;
  drive.upload = (_path, _payload, { onSession, signal }) => {
    onSession?.({ id: 'session', offset: 0, growsAs });
    drive.server.write(`/d/${growsAs}`, Buffer.from('half'));
    hasBegun = true;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  await kernel.writeFile('/d/f', 'whole');
  world.spool.hurry();
  while (!hasBegun) await new Promise((resolve) => setTimeout(resolve, 5));
  await world.caughtUp();
  await kernel.unlink('/d/f');
  assert.deepEqual(await kernel.list('/d'), []);
  await kernel.rmdir('/d');
  await world.settled();
  assert.deepEqual(
    drive.server.all().map(({ path }) => path),
    ['/'],
  );
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/'), []);
});
