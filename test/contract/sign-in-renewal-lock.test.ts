import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/base/index.js';
import { withRenewalLock } from '../../src/sharepoint/auth/store/renewal-lock.js';
import { NEVER_ABORTED, temporaryDir } from '../support/auth-place.js';

const LOCK_MODULE = new URL('../../src/sharepoint/auth/store/renewal-lock.js', import.meta.url).href;
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
  assert.deepEqual(await readdir(dir), ['sign-in.lock']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('the lock of a process that was killed is free, and what it left there is no matter', async (t) => {
  const path = join(await temporaryDir(t), 'sign-in.lock');
  const script = `const { withRenewalLock } = await import(${JSON.stringify(LOCK_MODULE)});
    await withRenewalLock(${JSON.stringify(path)}, { clock: { monotonic: () => 0 }, signal: null }, () => {
      process.send('held');
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(holder, 'message');
  const impatient = { clock: systemClock, signal: AbortSignal.timeout(300) };
  await assert.rejects(withRenewalLock(path, impatient, async () => 'taken'));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(await withRenewalLock(path, WAIT, async () => 'done'), 'done');
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
