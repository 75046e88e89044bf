import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalLine } from '../../../src/daemon/refusal-line.js';

const PATH = '/home/ann/OneDrive/a/b: c.txt';

for (const [reason, line] of [
  ['/a: permission denied', `${PATH}: /a: permission denied`],
  ['the drive is read-only', `${PATH}: the drive is read-only`],
  ['', `${PATH}: `],
] as const)
  test(`a reason that names something else, or nothing, is told whole: "${reason}"`, () => {
    assert.equal(refusalLine(PATH, reason), line);
  });

test('a reason that begins with the path in the drive is told without it', () => {
  const line = refusalLine('/home/ann/OneDrive/a/b.txt', '/a/b.txt: the name is refused (400)');
  assert.equal(line, '/home/ann/OneDrive/a/b.txt: the name is refused (400)');
});
