import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SignInErrorKind, signIn } from '../../src/sharepoint/auth/index.js';
import { authPlace, NEVER_ABORTED, Person, sessionOf } from '../support/auth-place.js';

function request(username: string) {
  return { method: 'password', username } as const;
}

for (const username of ['user@contoso.com', 'federated@contoso.com']) {
  test(`${username} signs in by a password full of markup, and the sign-in renews itself`, async (t) => {
    const place = await authPlace(t, { legacyAuth: true }, username);
    const result = await signIn(request(username), new Person(), place.options, NEVER_ABORTED);
    assert.deepEqual([result.method, result.username, result.renewsItself], ['password', username, true]);
    const session = await sessionOf(t, place);
    place.clock.advance(25 * 3_600_000);
    assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
    assert.equal(place.standin.control.signIns.count('password-wrong'), 0);
  });
}

test('rtFa of a domain that the server is not of is the other hosts’ affair', async (t) => {
  const place = await authPlace(t, { legacyAuth: true, rtFaDomain: 'sharepoint.com' });
  const result = await signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED);
  assert.equal(result.method, 'password');
});

test('a password that is not to be kept is asked for again at the end', async (t) => {
  const place = await authPlace(t, { legacyAuth: true, rtFaRevoked: true });
  const keep = { ...request('user@contoso.com'), keepPassword: false };
  await signIn(keep, new Person(), place.options, NEVER_ABORTED);
  place.clock.advance(25 * 3_600_000);
  await assert.rejects((await sessionOf(t, place)).checkSession(NEVER_ABORTED), { kind: 'person-needed' });
});

const FATES: readonly (readonly [user: string, kind: SignInErrorKind, words: RegExp])[] = [
  ['nobody@contoso.com', 'unknown-user', /check the user name|check it/],
  ['mfa@contoso.com', 'mfa-needed', /second factor.*--method browser/],
  ['blocked@contoso.com', 'conditional-access', /Conditional Access/],
  ['locked@contoso.com', 'locked-out', /locked/],
  ['someone@unknown.example', 'unknown-user', /user name/],
];

for (const [username, kind, words] of FATES) {
  test(`${username} gets ${kind}, in one clear line`, async (t) => {
    const place = await authPlace(t, { legacyAuth: true });
    await assert.rejects(
      signIn(request(username), new Person(), place.options, NEVER_ABORTED),
      (error: Error) => {
        assert.equal((error as { kind?: string }).kind, kind, error.message);
        assert.match(error.message, words);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}

for (const status of [200, 400, 500]) {
  test(`a wrong password is one, whatever the HTTP status of the fault (${status})`, async (t) => {
    const place = await authPlace(t, { legacyAuth: true, legacyFaultStatus: status });
    const person = new Person({ password: 'wrong' });
    await assert.rejects(signIn(request('user@contoso.com'), person, place.options, NEVER_ABORTED), {
      kind: 'wrong-password',
    });
  });
}

test('where it is switched off, the message says so and what to use', async (t) => {
  const place = await authPlace(t);
  await assert.rejects(signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED), {
    kind: 'legacy-off',
    message: /May 2026.*--method browser/,
  });
});

test('a page instead of XML from ADFS is no parser error', async (t) => {
  const place = await authPlace(t, { legacyAuth: true, adfsAnswer: 'html' });
  await assert.rejects(signIn(request('federated@contoso.com'), new Person(), place.options, NEVER_ABORTED), {
    kind: 'federated-mismatch',
  });
});

test('the same wrong password is sent once, over restarts; after three wrong ones none is sent', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  const attempt = (password: string) =>
    signIn(request('user@contoso.com'), new Person({ password }), place.options, NEVER_ABORTED);
  const wrong = () => place.standin.control.signIns.count('password-wrong');
  for (let n = 0; n < 4; n += 1) await assert.rejects(attempt('one'), { kind: 'wrong-password' });
  assert.equal(wrong(), 1);
  for (const word of ['two', 'three', 'four', 'five', 'six']) await assert.rejects(attempt(word));
  assert.equal(wrong(), 3);
  await assert.rejects(signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED), {
    kind: 'locked-out',
  });
  place.clock.advance(31 * 60_000);
  await signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED);
});

test('a password that was changed elsewhere is tried once by the keeper, then a person is asked for', async (t) => {
  const place = await authPlace(t, { legacyAuth: true });
  await signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED);
  place.clock.advance(1_000);
  place.standin.control.setUser('user@contoso.com', { password: 'another' });
  for (let restart = 0; restart < 3; restart += 1) {
    place.clock.advance(25 * 3_600_000);
    await assert.rejects(
      (await sessionOf(t, place)).checkSession(NEVER_ABORTED),
      /wrong user name or password/,
    );
  }
  assert.equal(place.standin.control.signIns.count('password-wrong'), 1);
});

for (const formsCookies of ['FedAuth', 'rtFa'] as const) {
  test(`a sign-in that brings ${formsCookies} alone has failed`, async (t) => {
    const place = await authPlace(t, { legacyAuth: true, formsCookies });
    await assert.rejects(signIn(request('user@contoso.com'), new Person(), place.options, NEVER_ABORTED), {
      kind: 'protocol',
    });
  });
}
