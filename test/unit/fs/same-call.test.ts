/** `actimeo=0`: the server is asked in each system call, and once in each for what the call is about. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { SameCall } from '../../../src/fs/same-call.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

const FIRST = { uid: 0, gid: 0, pid: 11 };
const SECOND = { uid: 0, gid: 0, pid: 12 };

async function believingNothing(t: TestContext): Promise<FileSystemWorld> {
  const world = await FileSystemWorld.open({ fileSystem: { attributeLifetimeMs: 0 } });
  t.after(() => world.close());
  // No machine is too busy for what belongs together.
  Object.assign(world.fs, { sameCall: new SameCall(new FakeClock()) });
  world.drive.server.write('/a.txt', Buffer.from('first'));
  await world.caughtUp();
  return world;
}

test('stat and open of a name ask the server once, as the look-up alone does; fstat asks as well', async (t) => {
  const { kernel, drive } = await believingNothing(t);
  const asked = async (work: () => Promise<unknown>) => {
    const before = drive.calls.length;
    await work();
    // The tree is followed beside it.
    return drive.calls
      .slice(before)
      .map(({ name }) => name)
      .filter((name) => name !== 'changes');
  };
  const lookup = await asked(() => kernel.node('/a.txt'));
  assert.deepEqual(lookup, ['list']);
  assert.deepEqual(await asked(() => kernel.stat('/a.txt')), lookup);
  const node = await kernel.node('/a.txt');
  const fstat = () => kernel.call('getattr', { node, handle: null });
  await fstat();
  assert.deepEqual(await asked(() => kernel.open('/a.txt')), lookup);
  assert.deepEqual(await asked(fstat), ['stat']);
  assert.deepEqual(await asked(fstat), ['stat']);
});

test('what somebody changed before a call is seen by the call', async (t) => {
  const world = await believingNothing(t);
  await world.kernel.stat('/a.txt');
  world.drive.server.write('/a.txt', Buffer.from('the second'));
  assert.equal((await world.kernel.stat('/a.txt')).size, 10);
  world.drive.server.write('/a.txt', Buffer.from('and the third'));
  assert.equal(await world.kernel.readFile('/a.txt'), 'and the third');
});

test('without a network what is known is shown and written all the same', async (t) => {
  const world = await believingNothing(t);
  const { drive, kernel } = world;
  await world.followed();
  assert.equal(await kernel.readFile('/a.txt'), 'first');
  drive.beforeCall = () => {
    throw new DriveError('unreachable', 'there is no network');
  };
  assert.deepEqual(await kernel.list('/'), ['a.txt']);
  assert.equal((await kernel.stat('/a.txt')).size, 5);
  assert.equal(await kernel.readFile('/a.txt'), 'first');
  await kernel.writeFile('/a.txt', 'here');
  await kernel.writeFile('/b.txt', 'new');
  assert.equal(await kernel.readFile('/a.txt'), 'here');
  assert.deepEqual(await kernel.list('/'), ['a.txt', 'b.txt']);
  await assert.rejects(kernel.stat('/c.txt'), { errno: 'ENOENT' });
  drive.beforeCall = () => undefined;
  await world.settled();
});

test('a look-up is followed by at most one question for attributes and one open, of the same node and thread', () => {
  const calls = new SameCall(new FakeClock());
  calls.lookedUp(FIRST, 5);
  assert.equal(calls.stats(FIRST, 5), true);
  assert.equal(calls.stats(FIRST, 5), false, 'another call');
  assert.equal(calls.opens(FIRST, 5), true);
  assert.equal(calls.opens(FIRST, 5), false);
  calls.lookedUp(FIRST, 5);
  assert.equal(calls.stats(SECOND, 5), false, 'another thread');
  assert.equal(calls.stats(FIRST, 6), false, 'another node');
  assert.equal(calls.opens(FIRST, 5), false, 'which was another call');
  const foreign = { ...FIRST, pid: 0 };
  calls.lookedUp(foreign, 5);
  assert.equal(calls.stats(foreign, 5), false, 'nobody knows which thread');
});

test('what comes later is another call', async () => {
  const clock = new FakeClock();
  const calls = new SameCall(clock);
  calls.lookedUp(FIRST, 5);
  await clock.run(101);
  assert.equal(calls.opens(FIRST, 5), false);
});

test('threads that were interrupted in the middle of a call are forgotten', () => {
  const calls = new SameCall(new FakeClock());
  for (let pid = 1; pid <= 1025; pid += 1) calls.lookedUp({ ...FIRST, pid }, 5);
  assert.equal(calls.opens({ ...FIRST, pid: 1 }, 5), false);
  assert.equal(calls.opens({ ...FIRST, pid: 2 }, 5), true);
});
