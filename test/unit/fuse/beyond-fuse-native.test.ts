/** The exceptions that the suites make for the second bridge are those that the decision admits. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CALLS_BEYOND_FUSE_NATIVE,
  SYSTEM_CALLS_BEYOND_FUSE_NATIVE,
} from '../../support/beyond-fuse-native.js';

const DECISION = join(import.meta.dirname, '../../../..', 'docs', 'decisions', '0003-bridges.md');
const HEAD = '| Missing | Consequence | What differs in the suites |';

test('what fuse-native cannot do is written down as the suites have it', () => {
  const text = readFileSync(DECISION, 'utf8');
  const table = text.slice(text.indexOf(HEAD)).split('\n\n', 1)[0]!;
  const rows = table.split('\n').slice(2);
  const admitted = rows.flatMap((row) =>
    [...row.split('|')[3]!.matchAll(/`([^`]+)`/g)].map(([, title]) => title),
  );
  assert.deepEqual(admitted.sort(), [...CALLS_BEYOND_FUSE_NATIVE, ...SYSTEM_CALLS_BEYOND_FUSE_NATIVE].sort());
});
