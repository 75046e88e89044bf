/** Names, folders, and what is owed for them, without a kernel. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

const refusedWith = (errno: string) => (error: unknown) => error instanceof FsError && error.errno === errno;

test('what the server has is listed and read', async () => {
  world.drive.server.makeFolder('/Docs');
  world.drive.server.write('/Docs/a.txt', Buffer.from('hello'));
  await world.caughtUp();
  assert.deepEqual(await world.kernel.list('/'), ['Docs']);
  assert.equal(await world.kernel.readFile('/Docs/a.txt'), 'hello');
  assert.equal((await world.kernel.stat('/Docs/a.txt')).size, 5);
});

test('a new file is there at once and arrives in one upload', async () => {
  await world.kernel.writeFile('/new.txt', 'content');
  assert.equal(await world.kernel.readFile('/new.txt'), 'content');
  assert.deepEqual(await world.kernel.list('/'), ['new.txt']);
  await world.settled();
  assert.equal(world.drive.server.text('/new.txt'), 'content');
  assert.equal(world.drive.count('upload'), 1);
  assert.equal(await world.kernel.readFile('/new.txt'), 'content');
  assert.equal(world.drive.count('read'), 0, 'what was just written is in the cache');
});

test('a temporary file renamed before its upload is uploaded once, under its final name', async () => {
  await world.kernel.writeFile('/.a.txt.X7d2', 'new');
  await world.kernel.rename('/.a.txt.X7d2', '/a.txt');
  await world.settled();
  assert.deepEqual(await world.kernel.list('/'), ['a.txt']);
  assert.equal(world.drive.server.text('/a.txt'), 'new');
  assert.equal(world.drive.count('upload'), 1);
  assert.equal(world.drive.count('move'), 0);
});

test('a rename over an existing file keeps that file item', async () => {
  world.drive.server.write('/a.txt', Buffer.from('old'));
  await world.caughtUp();
  const before = world.drive.server.find('/a.txt')!.id;
  await world.kernel.writeFile('/a.txt.tmp', 'newer');
  await world.kernel.rename('/a.txt.tmp', '/a.txt');
  assert.equal(await world.kernel.readFile('/a.txt'), 'newer');
  await world.settled();
  assert.equal(world.drive.server.text('/a.txt'), 'newer');
  assert.equal(world.drive.server.find('/a.txt')!.id, before);
  assert.deepEqual(await world.kernel.list('/'), ['a.txt']);
});

test('a file made and removed is never sent', async () => {
  await world.kernel.writeFile('/gone.txt', 'x');
  await world.kernel.unlink('/gone.txt');
  await world.settled();
  assert.equal(world.drive.count('upload'), 0);
  assert.deepEqual(await world.kernel.list('/'), []);
});

test('folders are made, moved and removed here first', async () => {
  await world.kernel.mkdir('/one');
  await world.kernel.mkdir('/one/two');
  await world.kernel.writeFile('/one/two/f', 'deep');
  await world.kernel.rename('/one', '/uno');
  assert.equal(await world.kernel.readFile('/uno/two/f'), 'deep');
  await world.settled();
  assert.equal(world.drive.server.text('/uno/two/f'), 'deep');
  assert.equal(world.drive.server.find('/one'), undefined);
  await assert.rejects(world.kernel.rmdir('/uno'), refusedWith('ENOTEMPTY'));
  await world.kernel.unlink('/uno/two/f');
  await world.kernel.rmdir('/uno/two');
  await world.kernel.rmdir('/uno');
  await world.settled();
  assert.equal(world.drive.server.find('/uno'), undefined);
  assert.equal(world.drive.count('remove'), 1, 'a removed folder is one request');
});

test('a folder that somebody else removed can be read before it is made again', async () => {
  const { kernel, drive } = world;
  await kernel.mkdir('/a');
  await world.settled();
  await kernel.writeFile('/a/mine', 'mine');
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  drive.beforeCall = ({ name }) => (name === 'makeDirectory' ? held : undefined);
  drive.server.remove('/a');
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/a'), ['mine']);
  assert.equal(await kernel.readFile('/a/mine'), 'mine');
  await kernel.writeFile('/a/more', 'more');
  letGo();
  await world.settled();
  assert.equal(drive.server.text('/a/more'), 'more');
  assert.deepEqual((await kernel.list('/a')).sort(), ['mine', 'more']);
});

test('a folder that somebody else removed stays, and is made again, for what is owed in it', async () => {
  const { kernel, drive } = world;
  await kernel.mkdir('/a');
  await world.settled();
  await kernel.writeFile('/a/mine', 'mine');
  drive.server.remove('/a');
  await world.caughtUp();
  assert.deepEqual(await kernel.list('/a'), ['mine']);
  assert.equal(await kernel.readFile('/a/mine'), 'mine');
  await world.settled();
  assert.equal(drive.server.text('/a/mine'), 'mine');
  assert.deepEqual(await kernel.list('/'), ['a']);
});

test('a file that was changed here comes back with the folders that somebody else removed', async () => {
  const { kernel, drive } = world;
  await kernel.mkdir('/a');
  await kernel.writeFile('/a/mine', 'old');
  await world.settled();
  await kernel.writeFile('/a/mine', 'new');
  drive.server.takeAway('/a');
  await world.caughtUp();
  await world.settled();
  assert.equal(drive.server.text('/a/mine'), 'new');
  assert.deepEqual(await kernel.list('/a'), ['mine']);
});

test('a folder that was removed here comes back with what somebody else put into it meanwhile', async () => {
  const { server } = world.drive;
  server.makeFolder('/Docs');
  server.write('/Docs/ours', 'x');
  await world.caughtUp();
  await world.kernel.unlink('/Docs/ours');
  await world.kernel.rmdir('/Docs');
  assert.deepEqual(await world.kernel.list('/'), []);
  server.write('/Docs/theirs', 'theirs');
  await world.settled();
  assert.deepEqual(await world.kernel.list('/'), ['Docs']);
  assert.deepEqual(await world.kernel.list('/Docs'), ['theirs']);
  assert.equal(await world.kernel.readFile('/Docs/theirs'), 'theirs');
  assert.equal(server.find('/Docs/ours'), undefined);
});

test('rename refuses what rename(2) refuses', async () => {
  await world.kernel.mkdir('/d');
  await world.kernel.mkdir('/e');
  await world.kernel.writeFile('/e/f', 'x');
  await world.kernel.writeFile('/g', 'y');
  await assert.rejects(world.kernel.rename('/d', '/e'), refusedWith('ENOTEMPTY'));
  await assert.rejects(world.kernel.rename('/g', '/d'), refusedWith('EISDIR'));
  await assert.rejects(world.kernel.rename('/d', '/g'), refusedWith('ENOTDIR'));
  await assert.rejects(world.kernel.rename('/e', '/e/inside'), refusedWith('EINVAL'));
  await assert.rejects(world.kernel.rename('/g', '/e/f', { noReplace: true }), refusedWith('EEXIST'));
  await assert.rejects(world.kernel.rename('/g', '/e/f', { exchange: true }), refusedWith('EINVAL'));
  await assert.rejects(world.kernel.rename('/none', '/x'), refusedWith('ENOENT'));
  await world.kernel.rename('/e', '/d');
  assert.deepEqual(await world.kernel.list('/'), ['d', 'g']);
  await world.settled();
  assert.equal(world.drive.server.text('/d/f'), 'x');
});

test('names that differ only in case are refused, a change of case is not', async () => {
  await world.kernel.writeFile('/Name.txt', 'x');
  await assert.rejects(world.kernel.create('/name.txt'), refusedWith('EEXIST'));
  await world.settled();
  await assert.rejects(world.kernel.mkdir('/NAME.TXT'), refusedWith('EEXIST'));
  await assert.rejects(world.kernel.stat('/name.txt'), refusedWith('ENOENT'));
  await world.kernel.rename('/Name.txt', '/name.txt');
  await world.settled();
  assert.deepEqual(await world.kernel.list('/'), ['name.txt']);
});

test('names and paths that the server would refuse are refused at once', async () => {
  await assert.rejects(world.kernel.create(`/${'x'.repeat(256)}`), refusedWith('ENAMETOOLONG'));
  await world.kernel.mkdir(`/${'a'.repeat(200)}`);
  await assert.rejects(
    world.kernel.create(`/${'a'.repeat(200)}/${'b'.repeat(200)}`),
    refusedWith('ENAMETOOLONG'),
  );
});

test('inode numbers, modes and nanoseconds survive upload and restart', async () => {
  await world.kernel.writeFile('/f', 'x');
  const { ino } = await world.kernel.stat('/f');
  const modified = { seconds: 1_600_000_000, nanoseconds: 123_456_789 };
  const node = await world.kernel.node('/f');
  await world.kernel.call('setattr', {
    node,
    handle: null,
    changes: { modified, mode: 0o100600, killPrivileges: false },
  });
  await world.settled();
  const { server } = world.drive;
  assert.equal(server.item(server.find('/f')!).modifiedMs, 1_600_000_000_000);
  await world.restart();
  const after = await world.kernel.stat('/f');
  assert.equal(after.ino, ino);
  assert.equal(after.mode & 0o7777, 0o600);
  assert.deepEqual(after.modified, modified);
});

test('a time of which the server keeps the minute alone is shown as it was set, until others set another', async () => {
  const { drive } = world;
  const minute = 1_600_000_020;
  const modified = { seconds: minute + 37, nanoseconds: 5 };
  drive.afterCall = ({ name, path }) => {
    if (name === 'setModified') drive.server.setModified(path, minute * 1000);
  };
  await world.kernel.writeFile('/f', 'x');
  const node = await world.kernel.node('/f');
  await world.kernel.call('setattr', { node, handle: null, changes: { modified, killPrivileges: false } });
  await world.settled();
  await world.caughtUp();
  assert.deepEqual((await world.kernel.stat('/f')).modified, modified);
  drive.server.setModified('/f', (minute + 60) * 1000);
  await world.caughtUp();
  assert.equal((await world.kernel.stat('/f')).modified.seconds, minute + 60);
});

test('symbolic links are remembered', async () => {
  await world.kernel.symlink('../target', '/link');
  await world.settled();
  await world.restart();
  const node = await world.kernel.node('/link');
  assert.equal(await world.kernel.call('readlink', { node }), '../target');
  assert.equal((await world.kernel.stat('/link')).size, 9);
});

test("a folder's time outlives the news of what we made in it ourselves", async () => {
  await world.kernel.mkdir('/d');
  await world.settled();
  world.drive.afterCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('unreachable', 'the answer is lost');
  };
  await world.kernel.writeFile('/d/f', 'x');
  world.spool.hurry();
  while (world.drive.server.find('/d/f') === undefined)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const node = await world.kernel.node('/d');
  const modified = { seconds: 1_000_000_000, nanoseconds: 5 };
  await world.kernel.call('setattr', { node, handle: null, changes: { modified, killPrivileges: false } });
  await world.caughtUp();
  assert.deepEqual((await world.kernel.stat('/d')).modified, modified);
  world.drive.server.write('/d/theirs', Buffer.from('x'));
  await world.caughtUp();
  assert.notDeepEqual((await world.kernel.stat('/d')).modified, modified, 'what others put there changes it');
  world.drive.afterCall = () => undefined;
});
