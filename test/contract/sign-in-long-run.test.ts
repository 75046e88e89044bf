/** Months of a mount, in a second: the client's clock and the stand-in's move together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authPlace, NEVER_ABORTED, sessionOf, signedInByPages } from '../support/auth-place.js';

const DAY_MS = 86_400_000;

test('a mount that runs for 80 days is still signed in, and asked the login host daily', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const stop = new AbortController();
  const endsAt = place.clock.now() + 80 * DAY_MS;
  const states: string[] = [];
  session.subscribe(({ state }) => {
    states.push(state);
    if (state === 'ok' && place.clock.now() > endsAt) stop.abort();
  });
  await session.run(stop.signal);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  assert.deepEqual([...new Set(states)].sort(), ['ok', 'renewing']);
  const renewals = place.standin.control.signIns.count('silent-renewal');
  assert.ok(renewals >= 80 && renewals < 130, String(renewals));
});

test('a laptop that slept for 40 days renews when it wakes', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const stop = new AbortController();
  const running = session.run(stop.signal);
  place.clock.suspend(40 * DAY_MS);
  const { headers } = await session.apply(new URL(place.options.siteUrl), NEVER_ABORTED);
  assert.match(headers.cookie ?? '', /FedAuth=/);
  assert.equal(session.status().state, 'ok');
  stop.abort();
  await running;
});

test('after 91 days without a renewal a person is asked for: once, and nothing is tried again', async (t) => {
  const place = await authPlace(t);
  (await signedInByPages(t, place)).close();
  place.clock.suspend(91 * DAY_MS);
  const session = await sessionOf(t, place);
  const states: string[] = [];
  const stop = new AbortController();
  const endsAt = place.clock.now() + DAY_MS;
  session.subscribe(({ state, message }) => states.push(`${state}: ${message}`));
  place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  assert.equal(session.status().state, 'signed-out');
  assert.equal(states.filter((line) => line.startsWith('signed-out')).length, 1, states.join('\n'));
  const asked = place.standin.control.log.counts().total;
  await assert.rejects(session.apply(new URL(place.options.siteUrl), NEVER_ABORTED), { kind: 'signed-out' });
  await assert.rejects((await sessionOf(t, place)).checkSession(NEVER_ABORTED), { kind: 'person-needed' });
  assert.equal(place.standin.control.log.counts().total, asked);
});

test('without "Stay signed in" daily renewals keep the session going, and a long weekend ends it', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place, { stay: false });
  const stop = new AbortController();
  const endsAt = place.clock.now() + 10 * DAY_MS;
  place.clock.watch(() => place.clock.now() > endsAt && stop.abort());
  await session.run(stop.signal);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  place.clock.suspend(3 * DAY_MS);
  await assert.rejects((await sessionOf(t, place)).checkSession(NEVER_ABORTED), { kind: 'person-needed' });
});
