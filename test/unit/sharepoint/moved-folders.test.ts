/** Who the items of a server without ids are, while folders move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MovedFolders, type MovedMemory } from '../../../src/sharepoint/wire/moved-folders.js';

function memory(): MovedMemory {
  let kept: readonly (readonly [string, string])[] = [];
  return {
    load: () => kept,
    save: (ids) => {
      kept = [...ids];
    },
  };
}

test("a folder that we moved stays who it was, with what is in it; its old place is somebody else's", () => {
  const kept = memory();
  const folders = new MovedFolders(kept);
  assert.equal(folders.idOf('/a/b'), 'path:/a/b');
  folders.moved('/a', '/z');
  assert.deepEqual(
    ['/z', '/z/b', '/zz'].map((path) => folders.idOf(path)),
    ['path:/a', 'path:/a/b', 'path:/zz'],
  );
  assert.notEqual(folders.idOf('/a/b'), 'path:/a/b');
  const after = new MovedFolders(kept);
  for (const path of ['/z/b', '/a/b']) assert.equal(after.idOf(path), folders.idOf(path));
});

test('what moved within a folder goes on with it, and what it overwrites is forgotten', () => {
  const folders = new MovedFolders(null);
  folders.moved('/a/in', '/a/out');
  folders.moved('/x', '/y/x');
  folders.moved('/a', '/y');
  assert.deepEqual(
    ['/y/out/f', '/y/x'].map((path) => folders.idOf(path)),
    ['path:/a/in/f', 'path:/a/x'],
  );
  folders.moved('/y', '/a');
  assert.deepEqual(
    ['/a', '/a/out'].map((path) => folders.idOf(path)),
    ['path:/a', 'path:/a/in'],
  );
});

test('nobody is two at once, however folders change places', () => {
  const folders = new MovedFolders(null);
  const moves = [
    ['/a', '/t'],
    ['/b', '/a'],
    ['/t', '/b'],
    ['/a/c', '/b/c'],
    ['/b', '/d'],
    ['/a', '/b'],
  ] as const;
  for (const [from, to] of moves) {
    folders.moved(from, to);
    const ids = ['/a', '/b', '/d', '/t', '/a/c', '/b/c', '/d/c'].map((path) => folders.idOf(path));
    assert.equal(new Set(ids).size, ids.length);
  }
});

test('thousands of moves are forgotten at once, and take no room', () => {
  const kept = memory();
  const folders = new MovedFolders(kept);
  for (let at = 0; at < 2_500; at += 1) folders.moved(`/old${at}`, `/new${at}`);
  assert.ok([...kept.load()].length < 4_010);
  assert.deepEqual([folders.idOf('/new0'), folders.idOf('/new2499')], ['path:/new0', 'path:/old2499']);
});
