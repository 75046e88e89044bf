import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../../src/base/index.js';
import { withRenewalLock } from '../../../../src/sharepoint/auth/store/renewal-lock.js';
import { NEVER_ABORTED, temporaryDir } from '../../../support/auth-place.js';

const WAIT = { clock: systemClock, signal: NEVER_ABORTED };

test('one at a time, also when one fails', async (t) => {
  const dir = await temporaryDir(t);
  const path = join(dir, 'sign-in.lock');
  let inside = 0;
  const work = async () => {
    inside += 1;
    assert.equal(inside, 1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    throw new Error('failed');
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => withRenewalLock(path, WAIT, work)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.deepEqual(await readdir(dir), []);
});

test('the lock of a process that died, or of another with its number, is taken over', async (t) => {
  const path = join(await temporaryDir(t), 'sign-in.lock');
  for (const mark of ['999999999 1', `${process.pid} 1`]) {
    await writeFile(path, mark);
    assert.equal(await withRenewalLock(path, WAIT, async () => 'done'), 'done');
  }
});

test('who gives up waiting gets nothing and breaks nothing', async (t) => {
  const path = join(await temporaryDir(t), 'sign-in.lock');
  const leaving = new AbortController();
  await withRenewalLock(path, WAIT, async () => {
    const late = withRenewalLock(path, { clock: systemClock, signal: leaving.signal }, async () => undefined);
    leaving.abort(new Error('enough'));
    await assert.rejects(late, /enough/);
  });
});
