import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeRound, type ToldChange } from '../../../src/cache/change-round.js';
import { RecentTruth } from '../../../src/cache/recent-truth.js';
import type { Change } from '../../../src/drive/index.js';
import { FakeClock } from '../../support/fake-clock.js';

const book = { add() {}, recall: () => [] };
const recent = () => new RecentTruth(new FakeClock(), { lagMs: 1000, mostRecentItems: 10 }, book);
const round = () => new ChangeRound(recent());

function put(path: string, kind: 'file' | 'folder', placed: { looks: number } = { looks: 0 }): Change {
  const item = { id: path, name: path, kind, size: 0, modifiedMs: 0, createdMs: 0, version: '"1"' };
  return {
    kind: 'put',
    placed: {
      get path() {
        placed.looks += 1;
        return path;
      },
      item,
    },
  };
}

const FRAME = { translate: (path: string) => path };

const shown = (changes: Iterable<ToldChange>): string[] =>
  [...changes].map(({ change }) => (change.kind === 'put' ? change.placed.item.id : `${change.id} gone`));

test('of a round of changes the last word counts: folders from the top down, what is in them, then what is gone', () => {
  const changes = round();
  changes.add(
    [{ kind: 'removed', id: '/a', by: 'the log' }, put('/a/b/c/d', 'folder'), put('/x', 'file')],
    FRAME,
  );
  changes.add(
    [put('/a/b', 'folder'), { kind: 'removed', id: '/y', by: 'the log' }, put('/a', 'folder')],
    FRAME,
  );
  changes.add(
    [{ kind: 'removed', id: '/x', by: 'the log' }, put('/a/f', 'file'), put('/z', 'folder')],
    FRAME,
  );
  assert.deepEqual(shown(changes.inOrder()), ['/a', '/z', '/a/b', '/a/b/c/d', '/a/f', '/x gone', '/y gone']);
});

test('a path is looked at when its page comes, and not while twenty thousand are put in order at once', () => {
  const changes = round();
  const seen = { looks: 0 };
  changes.add(
    Array.from({ length: 64 }, (_, number) => put(`${'/a'.repeat(64 - number)}`, 'folder', seen)),
    FRAME,
  );
  assert.equal(seen.looks, 64);
  assert.equal(shown(changes.inOrder())[0], '/a');
  assert.equal(seen.looks, 64);
});
