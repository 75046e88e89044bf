import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShownNames } from '../../../src/fs/shown-names.js';

test('names are told apart some at a time, and all of them in the end', () => {
  const names = new ShownNames();
  const all = Array.from({ length: 10_000 }, (_, at) => `name ${at}`);
  for (const name of all) names.add(name);
  assert.equal(names.tellApart(), false, 'not all in one step');
  let steps = 1;
  while (!names.tellApart()) steps += 1;
  assert.ok(steps < 10);
  assert.ok(all.every((name) => names.has(name)));
  assert.equal(names.has('another'), false);
});

test('what was added since is told apart by the next step', () => {
  const names = new ShownNames();
  names.add('one');
  assert.equal(names.tellApart(), true);
  names.add('two');
  assert.equal(names.tellApart(), true);
  assert.ok(names.has('one') && names.has('two'));
});
