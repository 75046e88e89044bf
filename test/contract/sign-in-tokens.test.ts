/** Sign-in with a client id: device code and loopback redirect, tokens that rotate, claims that are missed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSession, signIn } from '../../src/sharepoint/auth/index.js';
import { SealingKeys } from '../../src/sharepoint/auth/store/sealing-key.js';
import { SealedVault } from '../../src/sharepoint/auth/store/session-vault.js';
import { BrowserPerson, DevicePerson } from '../support/auth-people.js';
import { authPlace, NEVER_ABORTED, NO_KEYRING, Person, sessionOf } from '../support/auth-place.js';

const CLIENT_ID = '11111111-2222-4333-8444-555555555555';
const DEVICE = { method: 'device', clientId: CLIENT_ID } as const;
const CODE = { method: 'code', clientId: CLIENT_ID } as const;

test('a device code, typed elsewhere, signs in; the cookie is for WebDAV, the token for REST', async (t) => {
  const place = await authPlace(t);
  const person = new DevicePerson(place);
  const result = await signIn(DEVICE, person, place.options, NEVER_ABORTED);
  await person.typing;
  assert.deepEqual([result.method, result.clientId, result.renewsItself], ['device', CLIENT_ID, true]);
  const session = await sessionOf(t, place);
  const dav = await session.apply(new URL(`${place.options.siteUrl}/Documents`), NEVER_ABORTED);
  assert.match(dav.headers.cookie ?? '', /^SPOIDCRL=/);
  assert.equal(dav.bearer, false);
  const rest = await session.apply(new URL(`${place.options.siteUrl}/_api/web`), NEVER_ABORTED);
  assert.match(rest.headers.authorization ?? '', /^Bearer /);
  assert.equal(rest.bearer, true);
  assert.match(await session.freshCookieLine(NEVER_ABORTED), /^SPOIDCRL=/);
});

test('a refused or forgotten device code says so', async (t) => {
  const place = await authPlace(t);
  const person = new DevicePerson(place, 'cancel');
  await assert.rejects(signIn(DEVICE, person, place.options, NEVER_ABORTED), {
    kind: 'declined',
    message: /declined/,
  });
  await person.typing;
  await assert.rejects(signIn(DEVICE, new Person(), place.options, NEVER_ABORTED), {
    kind: 'declined',
    message: /in time/,
  });
});

test('"admin approval needed" comes in clear words, with the way that needs none', async (t) => {
  const place = await authPlace(t, { adminApproval: true });
  const person = new DevicePerson(place);
  await assert.rejects(signIn(DEVICE, person, place.options, NEVER_ABORTED), (error: Error) => {
    assert.match(error.message, /administrator.*approve.*--method browser|not typed in time/);
    return true;
  });
  await person.typing;
});

test('the loopback redirect: S256, a fresh state, one request, and a page that says it is over', async (t) => {
  const place = await authPlace(t);
  const person = new BrowserPerson(place);
  const result = await signIn(CODE, person, place.options, NEVER_ABORTED);
  assert.equal(result.method, 'code');
  const asked = person.page!.searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.ok(asked.get('state')!.length >= 32 && asked.get('code_challenge')!.length >= 43);
  assert.match(person.shown[0]!, /^200 .*You can close this/);
  await assert.rejects(fetch(asked.get('redirect_uri')!.replace('localhost', '127.0.0.1')));
  assert.equal((await (await sessionOf(t, place)).checkSession(NEVER_ABORTED)).state, 'ok');
});

test('an answer with another state is no answer, and after three minutes the door is shut', async (t) => {
  const place = await authPlace(t);
  const person = new BrowserPerson(place, (back) => back.searchParams.set('state', 'guessed'));
  await assert.rejects(signIn(CODE, person, place.options, NEVER_ABORTED), {
    kind: 'declined',
    message: /three minutes/,
  });
  assert.match(person.shown[0]!, /^404/);
});

test('tokens rotate ahead of their end, and 80 days later the sign-in still stands', async (t) => {
  const place = await authPlace(t);
  await signIn(DEVICE, new DevicePerson(place), { ...place.options }, NEVER_ABORTED);
  const session = await openSession({ ...place.options, lookEveryMs: 12 * 3_600_000 });
  const vault = new SealedVault(
    place.stateDir,
    new SealingKeys({ stateDir: place.stateDir, keyring: NO_KEYRING }),
  );
  const first = (await vault.load())!.tokens!.refreshToken;
  const stop = new AbortController();
  const endsAt = place.clock.now() + 2 * 86_400_000;
  session.subscribe(({ state }) => state === 'ok' && place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  assert.notEqual((await vault.load())!.tokens!.refreshToken, first);
  place.clock.suspend(78 * 86_400_000);
  assert.equal((await (await sessionOf(t, place)).checkSession(NEVER_ABORTED)).state, 'ok');
  place.clock.suspend(91 * 86_400_000);
  await assert.rejects((await sessionOf(t, place)).checkSession(NEVER_ABORTED), { kind: 'person-needed' });
});

test('a claim that the server misses is asked for with the next token', async (t) => {
  const place = await authPlace(t);
  await signIn(DEVICE, new DevicePerson(place), place.options, NEVER_ABORTED);
  place.standin.control.switches.insufficientClaims = true;
  const session = await sessionOf(t, place);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('without a client id the message names what is missing and what needs none', async (t) => {
  const place = await authPlace(t);
  for (const method of ['device', 'code'] as const) {
    await assert.rejects(signIn({ method }, new Person(), place.options, NEVER_ABORTED), {
      kind: 'bad-input',
      message: /--client-id.*--method browser/,
    });
  }
});

test('a newer token that never proved itself is no dead end: the older one still serves', async (t) => {
  const place = await authPlace(t);
  await signIn(DEVICE, new DevicePerson(place), place.options, NEVER_ABORTED);
  const vault = new SealedVault(
    place.stateDir,
    new SealingKeys({ stateDir: place.stateDir, keyring: NO_KEYRING }),
  );
  const stored = (await vault.load())!;
  const tokens = {
    ...stored.tokens!,
    refreshToken: 'lost on the way',
    previousRefreshToken: stored.tokens!.refreshToken,
  };
  await vault.save({ ...stored, tokens, generation: stored.generation + 1 });
  place.clock.advance(2 * 3_600_000);
  assert.equal((await (await sessionOf(t, place)).checkSession(NEVER_ABORTED)).state, 'ok');
});

test('the line for other programs is tried as a cookie, though a token would do here', async (t) => {
  const place = await authPlace(t);
  await signIn(
    { method: 'device', clientId: 'client' },
    new DevicePerson(place),
    place.options,
    NEVER_ABORTED,
  );
  const session = await sessionOf(t, place);
  place.standin.control.expire('cookies');
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  const cookie = await session.freshCookieLine(NEVER_ABORTED);
  assert.match(cookie, /^SPOIDCRL=/);
  const answer = await fetch(`${place.options.siteUrl}/Documents/`, {
    method: 'PROPFIND',
    headers: { cookie, depth: '0' },
  });
  assert.equal(answer.status, 207);
});
