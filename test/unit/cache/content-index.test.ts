import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase, RangeSet } from '../../../src/base/index.js';
import { ContentIndex } from '../../../src/cache/content-index.js';
import { CONTENT_SCRIPT } from '../../../src/cache/content-schema.js';

const here = (length: number) => RangeSet.from([{ offset: 0, length }]);
const RECORD = { slot: 7, item: 'item', version: 'v1', size: 100, durableMs: null };

test('a file that is recorded anew counts once, with what is in it now', (t) => {
  const database = openDatabase({ path: ':memory:', migrations: [CONTENT_SCRIPT] });
  t.after(() => database.close());
  const index = new ContentIndex(database);
  index.save({ ...RECORD, present: here(40) }, 1);
  assert.deepEqual([index.count, index.bytes, index.isComplete('item', 'v1')], [1, 40, false]);
  index.save({ ...RECORD, present: here(100) }, 2);
  assert.deepEqual([index.count, index.bytes, index.isComplete('item', 'v1')], [1, 100, true]);
  index.save({ ...RECORD, version: 'v2', size: 30, present: here(30) }, 3);
  assert.deepEqual([index.count, index.bytes, index.find('item', 'v1')], [1, 30, undefined]);
  index.save({ ...RECORD, slot: 8, item: 'other', present: here(100) }, 4);
  assert.deepEqual([index.count, index.bytes], [2, 130]);
  index.remove(7);
  index.remove(7);
  assert.deepEqual([index.count, index.bytes], [1, 100]);
});

test('a use is recorded of what is known alone', (t) => {
  const database = openDatabase({ path: ':memory:', migrations: [CONTENT_SCRIPT] });
  t.after(() => database.close());
  const index = new ContentIndex(database);
  assert.equal(index.used(7, 1), false);
  index.save({ ...RECORD, present: here(100) }, 1);
  index.save({ ...RECORD, slot: 8, item: 'other', present: here(100) }, 2);
  assert.equal(index.used(7, 3), true);
  assert.deepEqual(
    index.oldest(2, 0).map(({ slot }) => slot),
    [8, 7],
  );
});
