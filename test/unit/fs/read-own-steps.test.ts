/** Open files whose version on the server changes by our own doing while they are read: their bytes stay what they were. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

/** More than one read fetches, with what is read ahead. */
const BYTES = Buffer.alloc(20 * 1024 * 1024, 'its bytes ');
const LATE = 10_000_000;
/** The server here shows at once what it has done: that it may not is waited for, but not the seconds that others need. */
const RECENT = { lagMs: 100, mostRecentItems: 1_000 };
let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open({ treeLimits: { recent: RECENT } });
  world.drive.server.write('/f', BYTES);
  await world.caughtUp();
});
afterEach(() => world.close());

/** What changes the version, and nothing else. */
const STEPS = {
  move: () => world.kernel.rename('/f', '/g'),
  setModified: async () => {
    const changes = { modified: { seconds: 1_000_000, nanoseconds: 0 }, killPrivileges: false };
    await world.kernel.call('setattr', { node: await world.kernel.node('/f'), handle: null, changes });
  },
} as const;

type Step = keyof typeof STEPS;

/** Resolves when the server has done it once, and before its answer is here: that is lost, or waits for `answer`. */
async function begin(step: Step, fate: 'lost' | 'late'): Promise<() => void> {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const done = new Promise<void>((resolve) => {
    world.drive.afterCall = async ({ name }) => {
      if (name !== step) return;
      world.drive.afterCall = () => undefined;
      resolve();
      if (fate === 'late') return held;
      world.drive.beforeCall = (call) => {
        if (call.name === step) throw new DriveError('unreachable', 'nor is it tried again');
      };
      throw new DriveError('unreachable', 'the answer was lost');
    };
  });
  await STEPS[step]();
  world.spool.hurry();
  await done;
  if (fate === 'lost') await world.caughtUp();
  return answer;
}

async function assertStale(reading: Promise<unknown>): Promise<void> {
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof FsError);
    assert.equal(error.errno, 'ESTALE');
    return true;
  });
}

for (const step of ['move', 'setModified'] as const) {
  for (const fate of ['lost', 'late'] as const) {
    test(`a file is read on when the answer to its ${step} is ${fate}`, async () => {
      const file = await world.kernel.open('/f');
      const answer = await begin(step, fate);
      const reading = world.kernel.read(file, 0, 9);
      while (world.drive.count('read') === 0) await nextTurn();
      // Where a file is that moves, only the answer tells.
      if (step === 'move') answer();
      assert.equal((await reading).toString(), 'its bytes');
      answer();
      world.drive.beforeCall = () => undefined;
      await world.settled();
      assert.equal((await world.kernel.read(file, LATE, 9)).toString(), 'its bytes');
      await world.kernel.close(file);
    });
  }

  test(`a file is read on when the ${step} is told of before it is answered`, async () => {
    const file = await world.kernel.open('/f');
    const answer = await begin(step, 'late');
    await world.caughtUp();
    answer();
    await world.settled();
    assert.equal((await world.kernel.read(file, LATE, 9)).toString(), 'its bytes');
    assert.equal(world.drive.count('read'), 1);
    await world.kernel.close(file);
  });

  test(`what somebody wrote after our ${step}, whose answer was lost, makes an open file stale`, async () => {
    const file = await world.kernel.open('/f');
    await begin(step, 'lost');
    const path = step === 'move' ? '/g' : '/f';
    world.drive.server.write(path, Buffer.alloc(BYTES.length, 'other text'), Date.now() + 2000);
    await assertStale(world.kernel.read(file, 0, 9));
    await world.kernel.close(file);
  });
}

test('an edit of somebody else is not asked about where nothing of ours is open', async () => {
  const file = await world.kernel.open('/f');
  world.drive.server.write('/f', Buffer.alloc(BYTES.length, 'other text'));
  const looks = world.drive.count('stat');
  await assertStale(world.kernel.read(file, 0, 9));
  assert.equal(world.drive.count('stat'), looks);
  await world.kernel.close(file);
});

for (const step of ['move', 'setModified'] as const) {
  test(`somebody's edit just before our ${step}, of the same size and within the same second, is what is read then`, async () => {
    const { server } = world.drive;
    server.write('/f', 'before');
    server.write('/other', 'x');
    await world.caughtUp();
    const changes = { modified: { seconds: 1_000_000, nanoseconds: 0 }, killPrivileges: false };
    // How far one such step leads is seen.
    if (step === 'move') await world.kernel.rename('/other', '/another');
    else
      await world.kernel.call('setattr', { node: await world.kernel.node('/other'), handle: null, changes });
    await world.settled();
    assert.equal((await world.kernel.readFile('/f')).toString(), 'before');
    const { modifiedMs } = server.find('/f')!;
    world.drive.beforeCall = ({ name }) => {
      if (name !== step) return;
      world.drive.beforeCall = () => undefined;
      server.write('/f', 'theirs', modifiedMs);
    };
    await STEPS[step]();
    await world.settled();
    assert.equal((await world.kernel.readFile(step === 'move' ? '/g' : '/f')).toString(), 'theirs');
  });
}
