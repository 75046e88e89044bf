/** Who waits for whom, and what a look for them costs where a great many do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overlay } from '../../../src/spool/overlay.js';
import type { SpoolEntry } from '../../../src/spool/spool-entry.js';
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

const FOLDER = 7;

function entryOf(ino: number, given: Partial<SpoolEntry>): SpoolEntry {
  const origin = { parent: FOLDER, name: String(ino) };
  const state = { kind: 'owed', dueAtMs: 0, attempts: 0 } as const;
  return {
    ino,
    kind: 'file',
    item: `${ino}`,
    removed: true,
    place: null,
    origin,
    tried: null,
    content: null,
    state,
    ...given,
  } as SpoolEntry;
}

test('of what was removed in a folder only folders are looked into for what was moved out', () => {
  const overlay = new Overlay();
  for (let ino = 100; ino < 20_100; ino += 1) overlay.put(entryOf(ino, {}));
  overlay.put(entryOf(1, { kind: 'folder' }));
  overlay.put(entryOf(2, { removed: false, place: { parent: 9, name: 'saved' } }));
  const inos = () => [...overlay.leavingOrFoldersIn(FOLDER)].map(({ ino }) => ino);
  assert.deepEqual(inos(), [1, 2]);
  overlay.put(entryOf(2, {}));
  assert.deepEqual(inos(), [1], 'it was removed where it is');
  overlay.drop(1);
  assert.deepEqual(inos(), []);
});
