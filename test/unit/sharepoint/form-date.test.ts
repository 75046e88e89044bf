import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMisreadingOf } from '../../../src/sharepoint/wire/form-date.js';

const MEANT = Date.UTC(2026, 10, 4, 5, 6, 37);

test('what a server makes of a date is told from a time of before', () => {
  for (const [what, seen] of [
    ['without its seconds', Date.UTC(2026, 10, 4, 5, 6)],
    ['to the next minute', Date.UTC(2026, 10, 4, 5, 7)],
    ['day and month swapped', Date.UTC(2026, 3, 11, 5, 6, 37)],
    ['swapped, without its seconds', Date.UTC(2026, 3, 11, 5, 6)],
    ['in another zone', Date.UTC(2026, 10, 3, 21, 6, 37)],
    ['in a zone with quarters, without its seconds', Date.UTC(2026, 10, 4, 10, 51)],
  ] as const) {
    assert.ok(isMisreadingOf(MEANT, seen), what);
  }
  for (const seen of [MEANT - 1000, MEANT + 3000, Date.UTC(2026, 10, 4, 5, 8), Date.UTC(2025, 10, 4, 5, 6)]) {
    assert.ok(!isMisreadingOf(MEANT, seen), new Date(seen).toISOString());
  }
  const onThe14th = Date.UTC(2026, 0, 14, 5, 6, 37);
  assert.ok(!isMisreadingOf(onThe14th, Date.UTC(2027, 1, 1, 5, 6, 37)), 'there is no 14th month');
});
