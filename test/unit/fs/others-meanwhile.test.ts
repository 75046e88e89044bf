/** What somebody else does to an item between our plan and the server's answer: nothing is hidden, nothing overwritten. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

test('a folder that is moved away while its removal is on its way stays, where it is now', async () => {
  const { server } = world.drive;
  server.makeFolder('/a');
  await world.caughtUp();
  let isMoved = false;
  world.drive.beforeCall = async ({ name }) => {
    if (name !== 'remove' || isMoved) return;
    isMoved = true;
    server.move('/a', '/b');
    server.write('/b/theirs', 'x');
    await world.caughtUp();
  };
  await world.kernel.rmdir('/a');
  await world.settled();
  await world.caughtUp();
  assert.ok(isMoved);
  assert.deepEqual(await world.kernel.list('/'), ['b']);
  assert.deepEqual(await world.kernel.list('/b'), ['theirs']);
});

test('a move is known before its removal is sent: what stands there now is not removed for it', async () => {
  const { server } = world.drive;
  server.makeFolder('/a');
  await world.followed();
  await world.caughtUp();
  // Before anything is sent the tree is asked for what others did.
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'changes' || server.find('/b') !== undefined) return;
    server.move('/a', '/b');
    server.write('/b/theirs', 'x');
    server.makeFolder('/a');
    server.write('/a/others', 'y');
  };
  await world.kernel.rmdir('/a');
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/'), ['a', 'b']);
  assert.equal(server.text('/a/others'), 'y');
  assert.equal(server.text('/b/theirs'), 'x');
});

test('what somebody put in the place of a folder that he removed, as we did, is not removed for it', async () => {
  const { server } = world.drive;
  server.makeFolder('/a');
  await world.caughtUp();
  await world.kernel.rmdir('/a');
  server.remove('/a');
  server.write('/a', 'theirs');
  await world.settled();
  await world.caughtUp();
  assert.equal(String(await world.kernel.readFile('/a')), 'theirs');
});

test('a file that was removed here, and that somebody edited and moved with its folder, is shown where it is', async () => {
  const { server } = world.drive;
  server.makeFolder('/a');
  server.write('/a/f', 'old');
  await world.followed();
  await world.kernel.unlink('/a/f');
  server.write('/a/f', 'theirs');
  await world.caughtUp();
  world.drive.beforeCall = ({ name }) => {
    if (name === 'remove' && server.find('/a') !== undefined) server.move('/a', '/b');
  };
  await world.settled();
  await world.caughtUp();
  assert.equal(String(await world.kernel.readFile('/b/f')), 'theirs');
});

test('an edit that came before our move, and that nobody here has seen, is not overwritten after it', async () => {
  const { server } = world.drive;
  server.write('/a', 'old');
  await world.caughtUp();
  world.drive.beforeCall = ({ name }) => {
    if (name === 'move' && server.text('/a') === 'old') server.write('/a', 'old and theirs');
  };
  let isWritten = false;
  world.drive.afterCall = async ({ name }) => {
    if (name !== 'move' || isWritten) return;
    isWritten = true;
    await world.kernel.writeFile('/b', 'mine');
  };
  await world.kernel.rename('/a', '/b');
  await world.settled();
  await world.caughtUp();
  assert.ok(isWritten);
  const contents = server.all().filter(({ kind }) => kind === 'file');
  assert.deepEqual(contents.map(({ content }) => Buffer.from(content).toString()).sort(), [
    'mine',
    'old and theirs',
  ]);
});

for (const kind of ['move', 'time'] as const) {
  test(`an edit that came before our ${kind}, and that nobody here has seen, is shown after it`, async () => {
    const { server } = world.drive;
    await world.kernel.writeFile('/a', 'written here');
    await world.settled();
    server.write('/a', 'theirs');
    if (kind === 'move') await world.kernel.rename('/a', '/b');
    else await setModified('/a');
    await world.settled();
    await world.caughtUp();
    const path = kind === 'move' ? '/b' : '/a';
    assert.equal(String(await world.kernel.readFile(path)), 'theirs');
    assert.equal((await world.kernel.stat(path)).size, 'theirs'.length);
  });
}

async function setModified(path: string): Promise<void> {
  const changes = { modified: { seconds: 1_000_000, nanoseconds: 0 }, killPrivileges: false };
  await world.kernel.call('setattr', { node: await world.kernel.node(path), handle: null, changes });
}

test('two folders that were moved into each other, one here and one by somebody else: all is reachable', async () => {
  const { server } = world.drive;
  for (const name of ['a', 'b']) {
    server.makeFolder(`/${name}`);
    server.write(`/${name}/${name}1`, name);
  }
  await world.caughtUp();
  await world.kernel.rename('/a', '/b/a2');
  server.move('/b', '/a/b2');
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/'), ['a'], 'before anything is sent');
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/'), ['a']);
  assert.deepEqual(await world.kernel.list('/a'), ['a1', 'b2']);
  assert.deepEqual(await world.kernel.list('/a/b2'), ['b1']);
  assert.equal(await world.kernel.readFile('/a/b2/b1'), 'b');
});

test('the same where the move is under way when the other is told of: at its answer, whatever the server says next', async () => {
  const { server } = world.drive;
  for (const name of ['a', 'b']) {
    server.makeFolder(`/${name}`);
    server.write(`/${name}/${name}1`, name);
  }
  await world.followed();
  await world.caughtUp();
  await world.kernel.rename('/a', '/b/a2');
  let release = () => {};
  const silence = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isMoved = false;
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'changes' && isMoved) await silence;
    if (name !== 'move' || isMoved) return;
    server.move('/b', '/a/b2');
    await world.caughtUp();
    isMoved = true;
  };
  const answered = world.next('progress');
  world.spool.hurry();
  await answered;
  const names = [await world.kernel.list('/'), await world.kernel.list('/a').catch(() => [])];
  release();
  assert.deepEqual(names, [['a'], ['a1', 'b2']]);
  await world.settled();
  assert.deepEqual(await world.kernel.list('/a/b2'), ['b1']);
});

test('what others put over a file just before we move it is moved in its place, and that file is gone at once', async () => {
  const { server } = world.drive;
  server.write('/a', 'a');
  server.write('/b', 'b');
  await world.caughtUp();
  let onAsked!: () => void;
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  let onSent!: () => void;
  const sent = new Promise<void>((resolve) => {
    onSent = resolve;
  });
  let told: Promise<void> | undefined;
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'changes') {
      onAsked();
      await sent;
    } else if (name === 'move') {
      server.move('/b', '/a');
      onSent();
      await told;
    }
  };
  told = world.caughtUp();
  await asked;
  await world.kernel.rename('/a', '/c');
  await world.settled();
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/'), ['c']);
  assert.equal(await world.kernel.readFile('/c'), 'b');
});
