/** copy_file_range(2): a copy by the server where both ends are clean (semantics: Files); else nobody lost anything. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

/** More than what an open has a look at. */
const BYTES = Buffer.alloc(1100 * 1024, 'server copy ');
const ALL = Number.MAX_SAFE_INTEGER;
let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.write('/source', BYTES);
  await world.caughtUp();
});
afterEach(() => world.close());

interface Ends {
  readonly source: Descriptor;
  readonly target: Descriptor;
}

async function ends(): Promise<Ends> {
  const source = await world.kernel.open('/source');
  return { source, target: await world.kernel.create('/target') };
}

function copy({ source, target }: Ends, length = ALL): Promise<number> {
  const { handle: targetHandle, node: targetNode } = target;
  const offsets = { offset: 0, targetOffset: 0, length };
  return world.kernel.call('copyFileRange', { ...source, targetHandle, targetNode, ...offsets });
}

const refusedWith = (errno: string) => (error: unknown) => error instanceof FsError && error.errno === errno;

/** What the kernel does when it is told that it has to copy by itself. */
async function copiedHere(both: Ends): Promise<void> {
  await assert.rejects(copy(both), refusedWith('EOPNOTSUPP'));
  await world.kernel.write(both.target, 0, await world.kernel.read(both.source, 0, BYTES.length));
}

async function closed({ source, target }: Ends): Promise<void> {
  await world.kernel.close(source);
  await world.kernel.close(target);
  await world.settled();
}

const transfers = () => world.drive.count('read') + world.drive.count('upload');

const namesThere = () => world.drive.server.children('/').map((node) => world.drive.server.item(node).name);

async function expectWholeCopy(): Promise<void> {
  assert.equal(world.drive.server.text('/target'), BYTES.toString());
  await world.caughtUp();
  const { size } = await world.kernel.stat('/target');
  assert.equal(size, BYTES.length);
  assert.equal(world.spool.statistics.owed, 0);
  assert.equal(world.spool.statistics.conflicts, 0);
}

test('a whole file is copied by the server, and none of its bytes travel', async () => {
  const both = await ends();
  assert.equal(await copy(both), BYTES.length);
  assert.equal((await world.kernel.stat('/target')).size, BYTES.length);
  assert.equal(world.drive.server.text('/target'), BYTES.toString());
  await closed(both);
  assert.equal(transfers(), 0);
  await expectWholeCopy();
  assert.equal(await world.kernel.readFile('/target'), BYTES.toString());
  const { modified } = await world.kernel.stat('/target');
  assert.ok(Math.abs(modified.seconds * 1000 - Date.now()) < 10_000, 'a copy is new');
});

test('the time that cp -p sets afterwards is told to the server', async () => {
  const both = await ends();
  await copy(both);
  const { node } = both.target;
  const modified = { seconds: 1_500_000_000, nanoseconds: 5 };
  await world.kernel.call('setattr', { node, handle: null, changes: { modified, killPrivileges: false } });
  await closed(both);
  assert.equal(world.drive.server.find('/target')?.modifiedMs, 1_500_000_000_000);
  assert.deepEqual((await world.kernel.stat('/target')).modified, modified);
});

test('what is written after it becomes the next version of the copy', async () => {
  const both = await ends();
  await copy(both);
  const { id } = world.drive.server.item(world.drive.server.find('/target')!);
  await world.kernel.write(both.target, 0, 'XXXX');
  await closed(both);
  const { server } = world.drive;
  assert.equal(server.text('/target'), `XXXX${BYTES.subarray(4)}`);
  assert.equal(server.item(server.find('/target')!).id, id);
});

test('a part, a small file, a file with bytes in it and a changed source are copied here', async () => {
  const both = await ends();
  await assert.rejects(copy(both, BYTES.length - 1), refusedWith('EOPNOTSUPP'));
  await world.kernel.write(both.target, 0, 'x');
  await assert.rejects(copy(both), refusedWith('EOPNOTSUPP'));
  await closed(both);
  await world.kernel.unlink('/target');
  const again = await ends();
  world.drive.server.write('/source', Buffer.from('somebody else was here'));
  await assert.rejects(copy(again), refusedWith('EOPNOTSUPP'));
  await closed(again);
  assert.equal(world.drive.server.text('/target'), '');
});

test('a folder that the server does not have yet, and one without a network, are no places for it', async () => {
  await world.kernel.mkdir('/new');
  const source = await world.kernel.open('/source');
  const target = await world.kernel.create('/new/target');
  await assert.rejects(copy({ source, target }), refusedWith('EOPNOTSUPP'));
  assert.equal(world.drive.count('copy'), 0);
  await closed({ source, target });
  world.drive.beforeCall = ({ name }) => {
    if (name === 'copy') throw new DriveError('unreachable', 'no network');
  };
  const both = await ends();
  await copiedHere(both);
  await closed(both);
  await expectWholeCopy();
});

test('a copy whose answer was lost is no conflict, and no second file', async () => {
  const both = await ends();
  world.drive.afterCall = ({ name }) => {
    if (name === 'copy') throw new DriveError('unreachable', 'the answer was lost');
  };
  await copiedHere(both);
  await closed(both);
  await expectWholeCopy();
  assert.deepEqual(namesThere(), ['source', 'target']);
});

test("somebody else's file of the same size is not taken for a copy whose answer was lost", async () => {
  const theirs = Buffer.alloc(BYTES.length, 'theirs');
  const both = await ends();
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'copy') return;
    world.drive.server.write('/target', theirs);
    throw new DriveError('unreachable', 'the answer was lost');
  };
  await copiedHere(both);
  await closed(both);
  assert.equal(world.drive.server.text('/target'), theirs.toString());
  assert.equal(world.spool.statistics.conflicts, 1);
});

test('a crash while the server copies leaves one file', async () => {
  const both = await ends();
  let begun = () => {};
  const isCopying = new Promise<void>((resolve) => {
    begun = resolve;
  });
  world.drive.afterCall = ({ name, signal }) => {
    if (name !== 'copy') return;
    begun();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const copying = copy(both).catch((error) => error);
  await isCopying;
  await world.restart();
  await copying;
  world.drive.afterCall = () => {};
  await world.settled();
  assert.deepEqual(namesThere(), ['source', 'target']);
  assert.equal(world.spool.statistics.conflicts, 0);
});

test('Ctrl-C ends the wait, and the file can be written all the same', async () => {
  const both = await ends();
  const interrupt = new AbortController();
  world.drive.beforeCall = ({ name, signal }) => {
    if (name !== 'copy') return;
    setImmediate(() => interrupt.abort(new FsError('EINTR')));
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  world.kernel.signal = interrupt.signal;
  await assert.rejects(copy(both), refusedWith('EINTR'));
  world.kernel.signal = new AbortController().signal;
  world.drive.beforeCall = () => {};
  await world.kernel.write(both.target, 0, 'by hand');
  await closed(both);
  assert.equal(world.drive.server.text('/target'), 'by hand');
});

test('a full drive is told, and a file that is removed meanwhile is gone', async () => {
  const both = await ends();
  world.drive.beforeCall = ({ name }) => {
    if (name === 'copy') throw new DriveError('full', 'the quota is used up');
  };
  await assert.rejects(copy(both), refusedWith('EDQUOT'));
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'copy') await world.kernel.unlink('/target');
  };
  await assert.rejects(copy(both), refusedWith('EOPNOTSUPP'));
  world.drive.beforeCall = () => {};
  await closed(both);
  assert.deepEqual(namesThere(), ['source']);
});
