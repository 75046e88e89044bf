/** `odbfs status` says 0 only when every account is well: who watches it by its exit code learns of the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusExitCode } from '../../../src/cli/commands/status.js';
import { type AccountStatus, Failure } from '../../../src/daemon/index.js';

function account(state: AccountStatus['auth']['state'], refused = 0) {
  const auth = { state, method: 'password', expiresAt: null, renewedAt: null, message: null };
  return { auth, uploads: { owed: refused, active: 0, bytesOwed: 0, refused, conflicts: 0 } };
}

test('0 when every account is ok, or is being renewed at the moment', () => {
  assert.equal(statusExitCode([]), 0);
  assert.equal(statusExitCode([account('ok'), account('renewing')]), 0);
});

test('4 when a sign-in could not be renewed yet: not ok, and nobody has to sign in', () => {
  assert.equal(statusExitCode([account('ok'), account('stale')]), 4);
});

test('1 when an upload is refused, whatever waits besides', () => {
  assert.equal(statusExitCode([account('ok', 1), account('stale')]), 1);
});

test('3 before all others when somebody has to sign in', () => {
  assert.equal(statusExitCode([account('ok', 1), account('stale'), account('signed-out')]), 3);
  assert.equal(statusExitCode([account('blocked')]), 3);
});

test('an account that could not tell counts, behind a sign-in that is needed', () => {
  const unknown = [new Failure('failed', 'not a folder of yours')];
  assert.equal(statusExitCode([account('ok'), account('stale')], unknown), 1);
  assert.equal(statusExitCode([account('signed-out')], unknown), 3);
  assert.equal(statusExitCode([account('ok')], [...unknown, new Failure('sign-in', 'damaged')]), 3);
});
