/** What was moved out of a folder and the server still has in there: found at once, however much was removed in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overlay } from '../../../src/spool/overlay.js';
import type { SpoolEntry } from '../../../src/spool/spool-entry.js';
import { Dice } from '../../support/cache-random.js';

const FOLDER = 7;

function entryOf(ino: number, parent: number, given: Partial<SpoolEntry> = {}): SpoolEntry {
  const origin = { parent, name: String(ino) };
  const state = { kind: 'owed', sinceMs: 0, attempts: 0 } as const;
  const rest = { place: null, origin, tried: null, content: null, state };
  return { ino, kind: 'folder', item: `${ino}`, removed: true, ...rest, ...given } as SpoolEntry;
}

const SAVED = { removed: false, place: { parent: 9, name: 'saved' } } as const;

test('below twenty thousand removed folders what was moved out is found without going through them', (t) => {
  const overlay = new Overlay();
  for (let ino = 100; ino < 20_100; ino += 1) overlay.put(entryOf(ino, FOLDER));
  overlay.put(entryOf(1, 20_099, { ...SAVED, kind: 'file' }));
  const get = t.mock.method(overlay, 'get');
  const listed = t.mock.method(overlay, 'originatingIn');
  assert.equal(overlay.leaverFrom(FOLDER)?.ino, 1);
  assert.equal(overlay.leaverFrom(100), undefined);
  assert.equal(get.mock.callCount() + listed.mock.callCount(), 0);
  overlay.put(entryOf(1, 20_099, { kind: 'file' }));
  assert.equal(overlay.leaverFrom(FOLDER), undefined, 'it was removed where it is');
});

test('a folder that was not removed keeps what was moved out of it to itself', () => {
  const overlay = new Overlay();
  overlay.put(entryOf(1, 2, SAVED));
  overlay.put(entryOf(2, FOLDER, { removed: false, place: { parent: 9, name: 'moved' } }));
  assert.equal(overlay.leaverFrom(FOLDER)?.ino, 2);
  overlay.put(entryOf(2, FOLDER));
  assert.equal(overlay.leaverFrom(FOLDER)?.ino, 1, 'once it is removed, what left it is looked for');
  overlay.drop(2);
  assert.equal(overlay.leaverFrom(FOLDER), undefined);
  assert.equal(overlay.leaverFrom(2)?.ino, 1);
});

test('whatever changes in which order, it is what a look through everything finds', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const dice = new Dice(seed);
    const overlay = new Overlay();
    for (let step = 0; step < 200; step += 1) {
      const ino = 2 + dice.roll(14);
      // Whoever stands above has a smaller number: there are no circles.
      const parent = 1 + dice.roll(ino - 1);
      const kind = dice.roll(4) === 0 ? 'file' : 'folder';
      const given = dice.roll(3) === 0 ? SAVED : {};
      if (dice.roll(5) === 0) overlay.drop(ino);
      else overlay.put(entryOf(ino, parent, { ...given, kind }));
      for (let folder = 1; folder < 16; folder += 1) {
        const found = overlay.leaverFrom(folder);
        const all = leaversBy(overlay, folder);
        if (found === undefined) assert.deepEqual(all, [], `seed ${seed}, step ${step}, folder ${folder}`);
        else assert.ok(all.includes(found.ino), `seed ${seed}, step ${step}, folder ${folder}`);
      }
    }
  }
});

function leaversBy(overlay: Overlay, folder: number): number[] {
  return [...overlay.originatingIn(folder)].flatMap((entry) => {
    if (!entry.removed) return [entry.ino];
    return entry.kind === 'folder' ? leaversBy(overlay, entry.ino) : [];
  });
}
