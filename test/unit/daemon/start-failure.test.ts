import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../src/daemon/index.js';
import { startFailure } from '../../../src/daemon/start-failure.js';
import { DriveError } from '../../../src/drive/index.js';
import { authPlace, NEVER_ABORTED, signedInByPages } from '../../support/auth-place.js';

const HOUR_MS = 3_600_000;

test('"4: the server or the network cannot be reached": a session that ended, and a login host that does not answer', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const url = new URL(place.options.siteUrl);
  const failure = async () => {
    const error = await session.apply(url, NEVER_ABORTED).catch((reason: unknown) => reason);
    const { kind, message } = startFailure(error, 'a') as Failure;
    return { kind, asksForLogin: message.includes('odbfs login') };
  };
  place.clock.suspend(48 * HOUR_MS);
  place.standin.control.set({ unavailableNext: 1_000 });
  const unreachable = { kind: 'unreachable', asksForLogin: false };
  assert.deepEqual([await failure(), await failure()], [unreachable, unreachable]);
});

test('"3: a sign-in by the user is needed": a session that ended and can not be renewed by itself', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  place.standin.control.expire('all');
  place.clock.suspend(48 * HOUR_MS);
  const error = await session.apply(new URL(place.options.siteUrl), NEVER_ABORTED).catch((reason) => reason);
  const failure = startFailure(error, 'a');
  assert.ok(failure instanceof Failure);
  assert.deepEqual([failure.kind, failure.message.endsWith(': odbfs login --account a')], ['sign-in', true]);
});

test('an address with no drive is named, with what to do', () => {
  const error = new DriveError('absent', '/: HTTP status 404', { status: 404 });
  const failure = startFailure(error, 'a', 'https://dav.example/none');
  assert.ok(failure instanceof Failure);
  assert.equal(
    failure.message,
    "a can't be mounted: /: HTTP status 404; is https://dav.example/none the right address? Another one: odbfs login ADDRESS",
  );
});
