/** Who waits for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingRoom } from '../../../src/spool/waiting-room.js';

test('who waited is taken out one by one, and who has turned to others meanwhile stays there', () => {
  const room = new WaitingRoom();
  for (const ino of [11, 12, 13, 14]) room.wait(ino, 1);
  const taken: number[] = [];
  for (const ino of room.release(1)!) {
    taken.push(ino);
    if (ino !== 11) continue;
    room.wait(12, 2);
    room.leave(13);
    room.wait(14, 1);
  }
  assert.deepEqual(taken, [11]);
  assert.deepEqual([...room.release(2)!], [12]);
  assert.deepEqual([...room.release(1)!], [14]);
  assert.equal(room.release(1), null);
});
