/** A full drive: what did not fit is sent when somebody makes room, not when its minute is over. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileSystemWorld } from '../../support/file-system-world.js';

/** Far less than what a refused upload rests for. */
const LIMIT = { timeout: 30_000 };

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open({ totalBytes: 1000, sendsAtOnce: true });
  await fileThere('/first', 900);
  await assert.rejects(world.kernel.writeFile('/second', 'x'.repeat(500)), { errno: 'EDQUOT' });
  while (world.spool.lackingRoom.isEmpty) await nextTurn();
});
afterEach(() => world.close());

async function fileThere(path: string, size: number): Promise<void> {
  const stored = world.next('stored');
  await world.kernel.writeFile(path, 'x'.repeat(size));
  await stored;
}

test('room that was made here is used at once', LIMIT, async () => {
  const stored = world.next('stored');
  await world.kernel.unlink('/first');
  assert.equal((await stored).item.name, 'second');
});

test('room that somebody else made is used when that is known', LIMIT, async () => {
  const stored = world.next('stored');
  world.drive.server.remove('/first');
  await world.caughtUp();
  assert.equal((await stored).item.name, 'second');
});
