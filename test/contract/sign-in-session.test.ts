import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountSession } from '../../src/sharepoint/auth/index.js';
import type { Challenge } from '../../src/sharepoint/http/authenticator.js';
import {
  type AuthPlace,
  authPlace,
  NEVER_ABORTED,
  sessionOf,
  signedInByPages,
} from '../support/auth-place.js';

const HOUR_MS = 3_600_000;

function challenge(place: AuthPlace, more: Partial<Challenge> = {}): Challenge {
  const url = new URL(`${place.options.siteUrl}/Documents/a.txt`);
  return { kind: 'forms', status: 403, url, davError: 917_656, wwwAuthenticate: null, ...more };
}

async function cookieOf(session: AccountSession, place: AuthPlace) {
  const signed = await session.apply(new URL(`${place.options.siteUrl}/Documents`), NEVER_ABORTED);
  return { cookie: signed.headers.cookie ?? '', stamp: signed.stamp };
}

test('all who are refused wait for one renewal, and get one new session', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const before = await cookieOf(session, place);
  place.standin.control.expire('cookies');
  await Promise.all(
    Array.from({ length: 20 }, () => session.rejected(challenge(place), before.stamp, NEVER_ABORTED)),
  );
  const after = await cookieOf(session, place);
  assert.notEqual(after.cookie, before.cookie);
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 1);
  await session.rejected(challenge(place), before.stamp, NEVER_ABORTED);
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 1, 'a late refusal of the old session');
});

test('one who gives up waiting does not stop the renewal for the others', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const { stamp } = await cookieOf(session, place);
  const leaving = new AbortController();
  const left = session.rejected(challenge(place), stamp, leaving.signal);
  const stayed = session.rejected(challenge(place), stamp, NEVER_ABORTED);
  leaving.abort(new Error('interrupted'));
  await assert.rejects(left, /interrupted/);
  await stayed;
  assert.equal(session.status().state, 'ok');
});

test('secrets go to no foreign host', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  for (const foreign of [
    'https://evil.com/',
    'https://127.0.0.1/',
    'http://127.0.0.1:1/personal/user_contoso_com/',
  ]) {
    const signed = await session.apply(new URL(foreign), NEVER_ABORTED);
    assert.deepEqual(signed.headers, {}, foreign);
  }
  const { cookie } = await cookieOf(session, place);
  assert.doesNotMatch(cookie, /ESTS|nSGt|Rps|buid/);
});

test('a tenant that refuses fresh sessions too is "blocked", and nothing is tried again', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const { stamp } = await cookieOf(session, place);
  place.standin.control.switches.policyBlock = true;
  await assert.rejects(session.rejected(challenge(place), stamp, NEVER_ABORTED), { kind: 'signed-out' });
  assert.equal(session.status().state, 'blocked');
  const asked = place.standin.control.log.counts().total;
  const stop = new AbortController();
  const endsAt = place.clock.now() + 24 * HOUR_MS;
  place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  await assert.rejects(cookieOf(session, place), { kind: 'signed-out' });
  assert.equal(place.standin.control.log.counts().total, asked);
});

test('a policy that stops WebDAV alone is found out as well', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  await session.rejected(challenge(place), (await cookieOf(session, place)).stamp, NEVER_ABORTED);
  const again = (await cookieOf(session, place)).stamp;
  await assert.rejects(session.rejected(challenge(place), again, NEVER_ABORTED), { kind: 'signed-out' });
  assert.equal(session.status().state, 'blocked');
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 1);
});

test('sessions that are revoked again and again are renewed each time: that is no policy', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  for (let round = 0; round < 5; round += 1) {
    const { stamp } = await cookieOf(session, place);
    place.standin.control.expire('cookies');
    await session.rejected(challenge(place), stamp, NEVER_ABORTED);
  }
  assert.equal(session.status().state, 'ok');
});

test('a server that refuses whatever it gives out is not asked without end', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  let refused = 0;
  for (let round = 0; round < 40; round += 1) {
    const stamp = await cookieOf(session, place).then(
      (signed) => signed.stamp,
      () => -1,
    );
    await session
      .rejected(challenge(place, { davError: null }), stamp, NEVER_ABORTED)
      .catch(() => (refused += 1));
  }
  assert.ok(refused >= 25, String(refused));
  assert.ok(place.standin.control.signIns.count('silent-renewal') <= 11);
});

test('a session may end thirty times in a minute, here and there: that is no server that refuses everything', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const rest = new URL(`${place.options.siteUrl}/_api/web`);
  for (let round = 0; round < 30; round += 1) {
    const { stamp } = await cookieOf(session, place);
    const url = round % 3 === 0 ? rest : challenge(place).url;
    await session.rejected(challenge(place, { davError: null, url }), stamp, NEVER_ABORTED);
    session.accepted(url, (await cookieOf(session, place)).stamp);
  }
  assert.equal(session.status().state, 'ok');
});

test('an unreachable login host makes it stale, and the keeper finds it when it is back', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  place.clock.suspend(48 * HOUR_MS);
  place.standin.control.set({ unavailableNext: 3 });
  const stop = new AbortController();
  const states: string[] = [];
  session.subscribe(({ state }) => {
    states.push(state);
    if (state === 'ok') stop.abort();
  });
  await session.run(stop.signal);
  assert.deepEqual(states.slice(0, 3), ['stale', 'renewing', 'stale']);
  assert.equal(session.status().state, 'ok');
});

test('a clock that was set back since the last renewal is no reason to miss the next: one at once, and no more', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  place.clock.suspend(-24 * HOUR_MS);
  const stop = new AbortController();
  const states: string[] = [];
  session.subscribe(({ state }) => states.push(state));
  const startedMs = place.clock.monotonic();
  place.clock.watch(() => place.clock.monotonic() - startedMs > HOUR_MS && stop.abort());
  await session.run(stop.signal);
  assert.deepEqual(states, ['renewing', 'ok']);
});

test('in "stale" requests fail at once, as signed out', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const { stamp } = await cookieOf(session, place);
  place.standin.control.set({ unavailableNext: 1_000 });
  await assert.rejects(session.rejected(challenge(place), stamp, NEVER_ABORTED), { kind: 'unreachable' });
  const asked = place.standin.control.log.counts().total;
  for (let n = 0; n < 5; n += 1) await assert.rejects(cookieOf(session, place), { kind: 'signed-out' });
  assert.equal(place.standin.control.log.counts().total, asked);
});

test('in "stale" a request that comes seconds after the network is back finds its session', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const { stamp } = await cookieOf(session, place);
  place.standin.control.set({ loginUnavailableNext: 1_000 });
  await assert.rejects(session.rejected(challenge(place), stamp, NEVER_ABORTED));
  for (let n = 0; n < 9; n += 1) {
    place.clock.advance(11_000);
    await assert.rejects(cookieOf(session, place));
  }
  place.standin.control.set({ loginUnavailableNext: 0 });
  place.clock.advance(11_000);
  assert.match((await cookieOf(session, place)).cookie, /FedAuth=/);
});

test('where the cookie does not tell its end, a refusal teaches it', async (t) => {
  const place = await authPlace(t, { fedAuthLayout: 'V99', fedAuthSeconds: 6 * 3_600 });
  const session = await signedInByPages(t, place);
  const { stamp } = await cookieOf(session, place);
  place.clock.advance(6 * HOUR_MS + 1);
  await session.rejected(challenge(place), stamp, NEVER_ABORTED);
  const stop = new AbortController();
  const endsAt = place.clock.now() + 48 * HOUR_MS;
  place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  assert.ok(place.standin.control.signIns.count('silent-renewal') >= 9);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('the line for other programs is fresh for an hour', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const line = await session.freshCookieLine(NEVER_ABORTED);
  assert.match(line, /^FedAuth=[^;]+; rtFa=[^;]+$/);
  assert.equal(await session.freshCookieLine(NEVER_ABORTED), line);
  place.clock.advance(23.5 * HOUR_MS);
  assert.notEqual(await (await sessionOf(t, place)).freshCookieLine(NEVER_ABORTED), line);
});

test('cookies set in passing never end or shorten the session at hand', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const before = await cookieOf(session, place);
  const url = new URL(place.options.siteUrl);
  session.absorb(url, [
    'FedAuth=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/',
    'FedAuth=older; path=/',
    'rtFa=x; path=/',
  ]);
  session.absorb(new URL('https://evil.com/'), ['FedAuth=evil; domain=127.0.0.1; path=/']);
  assert.deepEqual(await cookieOf(session, place), before);
  place.clock.advance(HOUR_MS);
  const longer = /FedAuth=[^;]+/.exec(place.standin.control.cookies())![0];
  session.absorb(url, [`${longer}; path=/; secure; HttpOnly`]);
  assert.ok((await cookieOf(session, place)).cookie.includes(longer));
});

test('a session that was made longer in passing is found by the next process', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  place.clock.advance(HOUR_MS);
  const longer = /FedAuth=[^;]+/.exec(place.standin.control.cookies())![0];
  session.absorb(new URL(place.options.siteUrl), [`${longer}; path=/; secure; HttpOnly`]);
  const stop = new AbortController();
  const endsAt = place.clock.now() + HOUR_MS;
  place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  const next = await sessionOf(t, place);
  assert.ok((await cookieOf(next, place)).cookie.includes(longer));
  assert.equal(next.status().expiresAt, session.status().expiresAt);
});

test('a line is not taken from a renewal whose session was ended before it was done', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const unsubscribe = session.subscribe(({ state }) => {
    if (state !== 'ok') return;
    unsubscribe();
    place.standin.control.expire('cookies');
  });
  place.clock.advance(23.5 * HOUR_MS);
  const headers = { cookie: await session.freshCookieLine(NEVER_ABORTED) };
  const answer = await fetch(`${place.options.siteUrl}/Documents`, { method: 'PROPFIND', headers });
  assert.equal(answer.status, 207);
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 2);
});
