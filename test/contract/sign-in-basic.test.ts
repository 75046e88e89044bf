/** Signing in to any WebDAV server: that the address leads nowhere is said at once, and not by the mount. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInBasic } from '../../src/sharepoint/auth/basic/basic-sign-in.js';
import { SignInError } from '../../src/sharepoint/auth/sign-in-error.js';
import { authPlace, NEVER_ABORTED, Person } from '../support/auth-place.js';

test('at an address where nothing is nobody is signed in', async (t) => {
  const place = await authPlace(t);
  place.standin.control.set({ failNext: 2, failStatus: 404 });
  const signIn = signInBasic(
    { username: 'alice' },
    new Person({ password: 'right' }),
    place.options,
    NEVER_ABORTED,
  );
  await assert.rejects(signIn, (error) => {
    assert.ok(error instanceof SignInError && error.kind === 'bad-input');
    assert.match(error.message, /has nothing at .*: check the address/);
    return true;
  });
});

test('a server that has no page for a folder has the folder all the same', async (t) => {
  const place = await authPlace(t);
  place.standin.control.set({ failNext: 1, failStatus: 404 });
  const { username } = await signInBasic(
    { username: 'alice' },
    new Person({ password: 'right' }),
    place.options,
    NEVER_ABORTED,
  );
  assert.equal(username, 'alice');
});
