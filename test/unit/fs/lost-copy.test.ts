/** A copy by the server whose answer was lost: what is there is ours, whatever its size and whatever became of the file. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

const BYTES = Buffer.alloc(300 * 1024, 'server copy ');
let world: FileSystemWorld;

beforeEach(async () => {
  // All that has bytes counts as too large to be compared whole.
  world = await FileSystemWorld.open({ spoolLimits: { comparedBytes: 0 } });
  world.drive.server.write('/source', BYTES);
  await world.caughtUp();
});
afterEach(() => world.close());

/** The server makes the copy, and nobody here hears of it. */
async function lostCopy(path = '/source'): Promise<Descriptor> {
  world.drive.afterCall = ({ name }) => {
    if (name === 'copy') throw new DriveError('unreachable', 'the answer was lost');
  };
  const source = await world.kernel.open(path);
  const target = await world.kernel.create('/target');
  const { handle: targetHandle, node: targetNode } = target;
  const range = { offset: 0, targetOffset: 0, length: Number.MAX_SAFE_INTEGER };
  const copying = world.kernel.call('copyFileRange', { ...source, targetHandle, targetNode, ...range });
  await assert.rejects(copying, (error) => error instanceof FsError && error.errno === 'EOPNOTSUPP');
  await world.kernel.close(source);
  assert.equal(world.drive.server.text('/target'), BYTES.toString());
  return target;
}

const namesThere = () => world.drive.server.children('/').map((node) => world.drive.server.item(node).name);

async function expectThere(...names: string[]): Promise<void> {
  await world.settled();
  assert.deepEqual(namesThere().sort(), names);
  assert.equal(world.spool.statistics.conflicts, 0);
}

test('the same bytes, written by hand, are no conflict', async () => {
  const target = await lostCopy();
  await world.kernel.write(target, 0, BYTES);
  await world.kernel.close(target);
  await expectThere('source', 'target');
  assert.equal(world.drive.server.text('/target'), BYTES.toString());
});

test('other bytes become the next version of the copy', async () => {
  const target = await lostCopy();
  const { id } = world.drive.server.item(world.drive.server.find('/target')!);
  await world.kernel.write(target, 0, BYTES);
  await world.kernel.write(target, 1000, 'edited');
  await world.kernel.close(target);
  await expectThere('source', 'target');
  const { server } = world.drive;
  assert.equal(server.text('/target').slice(1000, 1006), 'edited');
  assert.equal(server.item(server.find('/target')!).id, id);
});

test('a file that is removed before anybody knew takes its copy with it', async () => {
  await world.kernel.close(await lostCopy());
  await world.kernel.unlink('/target');
  await expectThere('source');
});

/** Whoever looks for the copy is late: all else that may be sent before is sent. */
function lookLate(): void {
  const done = () => world.drive.count('remove') + world.drive.count('upload');
  const before = done();
  world.drive.beforeCall = async ({ name, path }) => {
    if (name !== 'stat' || path !== '/target') return;
    for (let turn = 0; turn < 300 && done() === before; turn += 1) await nextTurn();
  };
}

const CHANGES: Record<string, () => Promise<unknown>> = {
  removed: () => world.kernel.unlink('/source'),
  'written over': () => world.kernel.writeFile('/source', 'changed'),
  'renamed, told a time,': async () => {
    await world.kernel.rename('/source', '/renamed');
    const changes = { modified: { seconds: 1_000_000, nanoseconds: 0 }, killPrivileges: false };
    await world.kernel.call('setattr', { node: await world.kernel.node('/renamed'), handle: null, changes });
    // Both are done before anybody looks for the copy.
    await world.settled();
  },
};

for (const [what, change] of Object.entries(CHANGES))
  test(`a file that is removed takes its copy with it, though its source was ${what} before`, async () => {
    const target = await lostCopy();
    world.drive.afterCall = () => undefined;
    await change();
    await world.kernel.close(target);
    await world.kernel.unlink('/target');
    lookLate();
    await world.settled();
    assert.ok(!namesThere().includes('target'), `${namesThere()}`);
    assert.ok(what === 'removed' ? namesThere().length === 0 : namesThere().length === 1);
  });

test('a file that is removed takes its copy with it, though the folder of its source was removed before', async () => {
  await world.kernel.mkdir('/folder');
  await world.kernel.rename('/source', '/folder/source');
  await world.settled();
  await world.kernel.close(await lostCopy('/folder/source'));
  await world.kernel.unlink('/folder/source');
  await world.kernel.rmdir('/folder');
  await world.kernel.unlink('/target');
  lookLate();
  await expectThere();
});

test('a file that is renamed before anybody knew takes its copy with it', async () => {
  const target = await lostCopy();
  await world.kernel.write(target, 0, BYTES);
  await world.kernel.close(target);
  await world.kernel.rename('/target', '/moved');
  await expectThere('moved', 'source');
  assert.equal(world.drive.server.text('/moved'), BYTES.toString());
});

test("somebody else's file in its place is a conflict, and is not removed", async () => {
  const target = await lostCopy();
  const theirs = Buffer.alloc(BYTES.length, 'theirs');
  world.drive.server.write('/target', theirs);
  await world.kernel.close(target);
  await world.kernel.unlink('/target');
  await world.settled();
  assert.equal(world.drive.server.text('/target'), theirs.toString());
});

test('of a source that changed since, nobody knows what other bytes than those here are: both are kept', async () => {
  const target = await lostCopy();
  world.drive.server.write('/source', Buffer.alloc(BYTES.length, 'changed'));
  await world.kernel.write(target, 0, BYTES);
  await world.kernel.write(target, 1000, 'edited');
  await world.kernel.close(target);
  await world.settled();
  assert.equal(namesThere().length, 3);
  assert.equal(world.spool.statistics.conflicts, 1);
});
