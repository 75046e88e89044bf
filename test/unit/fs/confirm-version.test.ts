/** Which version an open is about, where nobody confirmed it a moment ago and a small file's bytes are not here. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '../../../src/base/index.js';
import { DriveError } from '../../../src/drive/index.js';
import { errnoOf, FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { READ_ONLY } from '../../support/kernel-double.js';

/** Not the one that looked the names up: for each system call everything is confirmed anew. */
const CALLER = { uid: 0, gid: 0, pid: 1 };

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open({ fileSystem: { attributeLifetimeMs: 0 } });
});
afterEach(() => world.close());

const refusedWith = (errno: string) => (error: unknown) => error instanceof FsError && error.errno === errno;
const put = (path: string, text: string) => world.drive.server.write(path, Buffer.from(text));

async function known(path: string, text: string): Promise<number> {
  put(path, text);
  await world.caughtUp();
  return world.kernel.node(path);
}

async function opened(node: number) {
  const { handle } = await world.kernel.call('open', { node, flags: READ_ONLY, caller: CALLER });
  return { node, handle };
}

async function textOf(node: number): Promise<string> {
  const file = await opened(node);
  try {
    return (await world.kernel.read(file, 0, 100)).toString();
  } finally {
    await world.kernel.close(file);
  }
}

/** What the drive was asked meanwhile; the tree is followed beside it. */
async function asked(work: () => Promise<unknown>): Promise<string[]> {
  const before = world.drive.calls.length;
  await work();
  const names = world.drive.calls.slice(before).map(({ name }) => name);
  return names.filter((name) => name !== 'changes');
}

test('the first byte of a small file is one question; what is here is confirmed by its attributes', async () => {
  const node = await known('/f', 'content');
  assert.deepEqual(await asked(() => textOf(node)), ['read']);
  assert.deepEqual(await asked(() => textOf(node)), ['stat']);
});

test('what somebody replaced a moment ago is opened as it is now, and keeps being read so', async () => {
  const node = await known('/f', 'before');
  put('/f', 'and after');
  const file = await opened(node);
  put('/f', 'the last');
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), 'and after');
  await world.kernel.close(file);
});

test('replaced again and again while it is being opened, it is opened as it was last seen', async () => {
  const node = await known('/f', '0');
  let versions = 0;
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'read' || versions === 3) return;
    versions += 1;
    put('/f', String(versions));
  };
  assert.equal(await textOf(node), '3');
});

test('what somebody moved away is found where it is, and what is gone is ESTALE', async () => {
  const node = await known('/f', 'content');
  const gone = await known('/gone', 'content');
  world.drive.server.move('/f', '/elsewhere');
  world.drive.server.remove('/gone');
  assert.equal(await textOf(node), 'content');
  await assert.rejects(opened(gone), refusedWith('ESTALE'));
});

test('a refusal of the bytes keeps nobody from opening what is known, and is told by the read', async () => {
  const node = await known('/f', 'content');
  world.drive.beforeCall = ({ name }) => {
    if (name === 'read') throw new DriveError('denied', 'not you');
  };
  const file = await opened(node);
  await assert.rejects(world.kernel.read(file, 0, 10), refusedWith('EACCES'));
  await world.kernel.close(file);
});

test('a small file is opened as it is now also where it was confirmed a moment ago', async () => {
  await world.close();
  world = await FileSystemWorld.open();
  const node = await known('/f', 'before');
  put('/f', 'and after');
  assert.equal(await textOf(node), 'and after');
});

test('who opened a small file while the server was silent is told of that silence, and not that there is no network', async (t) => {
  await world.close();
  world = await FileSystemWorld.open({ fileSystem: { attributeLifetimeMs: 600_000 } });
  const node = await known('/f', 'content');
  let passedMs = 0;
  const { monotonic } = systemClock;
  t.mock.method(systemClock, 'monotonic', () => monotonic.call(systemClock) + passedMs);
  const waitsMs = [10_000, 20_000];
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'read' && name !== 'stat') return;
    if (name === 'read') passedMs += waitsMs.shift() ?? 0;
    throw new DriveError('unreachable', 'no answer');
  };
  const file = await opened(node);
  await assert.rejects(world.kernel.read(file, 0, 100), (error) => errnoOf(error) === 'ETIMEDOUT');
  passedMs += 30_000;
  await assert.rejects(world.kernel.read(file, 0, 100), (error) => errnoOf(error) === 'ENETUNREACH');
  world.drive.beforeCall = () => undefined;
  await world.kernel.close(file);
});
