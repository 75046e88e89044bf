/** What happens between the requests of one copy: somebody else changes its source, an answer is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standin } from '../../src/standin/index.js';
import { ASKING, kind, names, put, readText, standinDrive } from '../support/drive-fixture.js';

/** Does something just before the stand-in looks at the request of that number, counted from now. */
function beforeRequest({ control: { log } }: Standin, number: number, work: () => void): void {
  const begin = log.begin.bind(log);
  let count = 0;
  log.begin = () => {
    begin();
    count += 1;
    if (count === number) work();
  };
}

test('a copy of what somebody changed in between, to the same size, is taken back', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/a.txt', 'first');
  // 1: the version of the source; 2: COPY
  beforeRequest(standin, 2, () => standin.control.drive().write('/a.txt', 'other'));
  await assert.rejects(drive.copy('/a.txt', '/b.txt', { ...ASKING, version }), kind('changed'));
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
  assert.equal(await readText(drive, '/a.txt'), 'other');
});

test('a copy whose source somebody removed in between is taken back', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/a.txt', 'first');
  beforeRequest(standin, 3, () => standin.control.drive().remove('/a.txt'));
  await assert.rejects(drive.copy('/a.txt', '/b.txt', { ...ASKING, version }), kind('changed'));
  assert.deepEqual(await names(drive, '/'), []);
});

test('once the server has copied, nothing counts as its refusal', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/a.txt', 'first');
  const theirs = standin.control.drive();
  // Somebody is so fast that our copy is gone before it was seen.
  beforeRequest(standin, 3, () => theirs.remove('/b.txt'));
  await assert.rejects(drive.copy('/a.txt', '/b.txt', { ...ASKING, version }), kind('unreachable'));
  assert.deepEqual(await names(drive, '/'), ['a.txt']);
});

test('a copy whose answer was lost is not known to be there or not', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'first');
  standin.control.set({ completeThenDropNext: 1 });
  await assert.rejects(drive.copy('/a.txt', '/b.txt', ASKING), kind('unreachable'));
  assert.equal(await readText(drive, '/b.txt'), 'first');
});
