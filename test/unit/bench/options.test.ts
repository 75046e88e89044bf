/** What a person types after the name of a measurement, or of the soak. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../bench/support/options.js';

const DEFAULTS = { rtt: 60, only: '', quick: false };
const USAGE = 'usage: npm run bench -- peers [--rtt 60] [--only TEXT] [--quick]';

function read(...words: string[]) {
  return readOptions('bench -- peers', DEFAULTS, words);
}

test('what is given counts, a number as a number; what is not is the default', () => {
  const options = { rtt: 5, only: '', quick: true };
  assert.deepEqual(read('--rtt', '5', '--quick'), { kind: 'options', options });
  assert.deepEqual(read(), { kind: 'options', options: DEFAULTS });
});

test('--help is the usage line', () => {
  assert.deepEqual(read('--help'), { kind: 'help', usage: USAGE });
});

const WRONG: readonly (readonly [readonly string[], string])[] = [
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['more'], "Unexpected argument 'more'"],
  [['--rtt'], "Option '--rtt <value>' argument missing"],
  [['--rtt', 'soon'], '--rtt must be a number, not "soon"'],
  [['--rtt='], '--rtt must be a number, not ""'],
];

for (const [words, why] of WRONG) {
  test(`${words.join(' ')}: one line that says what is wrong, and how it is used`, () => {
    const outcome = read(...words);
    assert.equal(outcome.kind, 'wrong');
    assert.ok('usage' in outcome && outcome.usage.startsWith(why) && outcome.usage.endsWith(`; ${USAGE}`));
    assert.ok(!outcome.usage.includes('\n'));
  });
}
