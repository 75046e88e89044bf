/** The rules of CONTRIBUTING.md that a script can see. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const LONGEST_FILE = 400;
/** Put together here, so that this file does not find itself. */
const MARKS = new RegExp(
  [
    'TO' + 'DO',
    'FIX' + 'ME',
    'HA' + 'CK\\b',
    '\\.(?:skip|only|todo)' + '\\(',
    '@ts-' + '(?:ignore|nocheck)',
    'as an' + 'y\\b',
  ].join('|'),
);

test('no file is longer than anybody reads', () => {
  const long = sources().filter(({ text }) => text.split('\n').length > LONGEST_FILE + 1);
  assert.deepEqual(
    long.map(({ file }) => file),
    [],
  );
});

test('nothing is unfinished or muted', () => {
  const marked = sources().flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, at) => (MARKS.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
  assert.deepEqual(marked, []);
});

test('the test files that are begun first are there under those names', async () => {
  const { LONGEST } = (await import(join(ROOT, 'scripts', 'test-order.mjs'))) as { LONGEST: string[] };
  assert.ok(LONGEST.length > 10);
  assert.deepEqual(
    LONGEST.filter((name) => !existsSync(join(ROOT, 'test', `${name}.test.ts`))),
    [],
  );
});

function sources(): { readonly file: string; readonly text: string }[] {
  return ['src', 'test', 'bench', 'scripts', 'native-build', 'systemd'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs|c|h|service)$/.test(name) && !/(?:^|\/)(?:build|prebuilt)\//.test(name))
      .map((name) => ({ file: join(folder, name), text: readFileSync(join(ROOT, folder, name), 'utf8') })),
  );
}
