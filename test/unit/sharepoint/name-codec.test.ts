import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sharePointNames } from '../../../src/sharepoint/wire/name-codec.js';

const { encode, decode } = sharePointNames;

/** What SharePoint refuses (protocol notes 2.10). */
function isRefused(name: string): boolean {
  return (
    /["*:<>?/\\|\u0000-\u001f\u007f]/.test(name) ||
    /^ | $|\.$/.test(name) ||
    name.startsWith('~$') ||
    /^(\.lock|desktop\.ini|con|prn|aux|nul|com\d|lpt\d)$/i.test(name) ||
    /_vti_/i.test(name)
  );
}

const PIECES = [
  'a',
  'B',
  ' ',
  '.',
  '~',
  '$',
  '"',
  '*',
  ':',
  '<',
  '>',
  '?',
  '\\',
  '|',
  '\u201b',
  '\uff0a',
  '\uff1a',
  '\u2420',
  '\uff0e',
  '\uff5e',
  '\u2421',
  '\u007f',
  '\t',
  '_vti_',
  '_',
  'vti_',
  'CON',
  'con',
  '.lock',
  'desktop.ini',
  'lpt1',
  'é',
  '😀',
];
const awkward = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 })
  .map((pieces) => pieces.join(''));
const any = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((name) => !/[/\u0000]/.test(name));
/** "." and ".." are no names. */
const name = fc.oneof(awkward, any).filter((given) => !/^\.{1,2}$/.test(given));

test('every name can be stored, and comes back as it was', () => {
  fc.assert(
    fc.property(name, (given) => {
      const stored = encode(given);
      assert.ok(!isRefused(stored), stored);
      assert.equal(decode(stored), given);
    }),
    { numRuns: 5_000 },
  );
});

test('every stored name can be shown, and leads back to itself', () => {
  fc.assert(
    fc.property(name, (stored) => {
      fc.pre(!isRefused(stored));
      assert.equal(encode(decode(stored)), stored);
    }),
    { numRuns: 5_000 },
  );
});

test('no two names collide', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      fc.pre(one !== other);
      assert.notEqual(encode(one), encode(other));
    }),
    { numRuns: 3_000 },
  );
});

test('ordinary names are never touched', () => {
  for (const plain of [
    'a.txt',
    'a b',
    '.hidden',
    '#1 100%.txt',
    'it‘s',
    '日本語',
    'a~$b',
    'console',
    'vti_',
    'CON.txt',
  ]) {
    assert.equal(encode(plain), plain);
    assert.equal(decode(plain), plain);
  }
});

test('what is refused is stored under look-alikes', () => {
  assert.equal(encode('a:b'), 'a：b');
  assert.equal(encode('trailing.'), 'trailing．');
  assert.equal(encode(' x '), '␠x␠');
  assert.equal(encode('~$doc.docx'), '～$doc.docx');
  assert.equal(encode('a：b'), 'a‛：b');
  assert.equal(decode('a：b'), 'a:b');
});

test('what looks like "." or ".." is shown as it is stored: they are no names here', () => {
  for (const stored of ['．', '．．', '.．', '..．']) {
    if (isRefused(stored)) continue;
    assert.ok(!['.', '..'].includes(decode(stored)), stored);
    assert.equal(encode(decode(stored)), stored);
  }
  assert.equal(decode('tr．'), 'tr.');
});
