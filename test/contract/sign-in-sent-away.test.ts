/** A request that is shown the way to the sign-in page: the session is asked about before anybody calls it over. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog, systemClock } from '../../src/base/index.js';
import { type AccountSession, signIn } from '../../src/sharepoint/auth/index.js';
import { discard, replayedBody } from '../../src/sharepoint/http/body.js';
import { sessionLayer } from '../../src/sharepoint/http/session-layer.js';
import type { HttpRequest, Transport } from '../../src/sharepoint/http/transport.js';
import { type AuthPlace, authPlace, NEVER_ABORTED, Person, sessionOf } from '../support/auth-place.js';

async function byCookies(t: TestContext, place: AuthPlace): Promise<AccountSession> {
  const person = new Person({ cookies: place.standin.control.cookies() });
  await signIn({ method: 'cookies' }, person, place.options, NEVER_ABORTED);
  return sessionOf(t, place);
}

/** Shows the first `times` requests the way to the sign-in page; all others are answered. */
function sendingAway(place: AuthPlace, session: AccountSession, times: number): Transport {
  let left = times;
  const wire: Transport = {
    send: async () => {
      left -= 1;
      const location = `${place.options.siteUrl}/_layouts/15/Authenticate.aspx?Source=%2F`;
      const answer = left < 0 ? { status: 207, headers: {} } : { status: 302, headers: { location } };
      return { ...answer, setCookies: [], body: replayedBody([]), afterDoubt: false };
    },
  };
  return sessionLayer({ authenticator: session, probe: null, clock: systemClock, log: silentLog })(wire);
}

function listing(place: AuthPlace): HttpRequest {
  const url = new URL(`${place.options.siteUrl}/Documents/`);
  const patience = { silenceMs: 5_000, patienceMs: 10_000 };
  return {
    method: 'PROPFIND',
    url,
    headers: {},
    body: null,
    lane: 'interactive',
    repeat: 'always',
    ...patience,
  };
}

test('a single 302 to the sign-in page: one question who we are, and the request once more', async (t) => {
  const place = await authPlace(t);
  const session = await byCookies(t, place);
  const before = place.standin.control.log.counts().total;
  const response = await sendingAway(place, session, 1).send(listing(place), NEVER_ABORTED);
  discard(response);
  assert.deepEqual([response.status, session.status().state], [207, 'ok']);
  assert.equal(place.standin.control.log.counts().total - before, 1);
});

test('many at once that are sent away: one question for all of them', async (t) => {
  const place = await authPlace(t);
  const session = await byCookies(t, place);
  const before = place.standin.control.log.counts().total;
  const transport = sendingAway(place, session, 20);
  const requests = Array.from({ length: 20 }, () => transport.send(listing(place), NEVER_ABORTED));
  for (const response of await Promise.all(requests)) discard(response);
  assert.equal(session.status().state, 'ok');
  assert.equal(place.standin.control.log.counts().total - before, 1);
});

test('sent away for ever while the session lives: an end, and nobody is signed out', async (t) => {
  const place = await authPlace(t);
  const session = await byCookies(t, place);
  const sent = sendingAway(place, session, Number.POSITIVE_INFINITY).send(listing(place), NEVER_ABORTED);
  await assert.rejects(sent, { kind: 'unreachable' });
  assert.equal(session.status().state, 'ok');
});

test('sent away because the session has ended: signed out', async (t) => {
  const place = await authPlace(t);
  const session = await byCookies(t, place);
  place.standin.control.expire('all');
  const sent = sendingAway(place, session, 1).send(listing(place), NEVER_ABORTED);
  await assert.rejects(sent, { kind: 'signed-out' });
  assert.equal(session.status().state, 'signed-out');
});
