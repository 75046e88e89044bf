/** The sign-in under the drive's own HTTP layers: whoever sends a request notices nothing of a session that ended. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog, systemClock } from '../../src/base/index.js';
import { type AccountSession, SignInError } from '../../src/sharepoint/auth/index.js';
import { discard } from '../../src/sharepoint/http/body.js';
import { decorateLayer } from '../../src/sharepoint/http/decorate-layer.js';
import { sessionLayer } from '../../src/sharepoint/http/session-layer.js';
import { SessionProbe } from '../../src/sharepoint/http/session-probe.js';
import { type HttpRequest, layered, type Transport } from '../../src/sharepoint/http/transport.js';
import { UndiciTransport } from '../../src/sharepoint/http/undici-transport.js';
import { type AuthPlace, authPlace, NEVER_ABORTED, signedInByPages } from '../support/auth-place.js';

const DAY_MS = 86_400_000;

async function transportFor(t: TestContext, place: AuthPlace, session: AccountSession): Promise<Transport> {
  const wire = new UndiciTransport({
    clock: systemClock,
    connections: 8,
    connectTimeoutMs: 5_000,
    keepAliveMs: 5_000,
  });
  t.after(() => wire.close());
  const probeUrl = new URL(`${place.options.siteUrl}/_api/web/currentuser?$select=Id`);
  const probe = new SessionProbe(probeUrl, session, systemClock);
  return layered(
    wire,
    sessionLayer({ authenticator: session, probe, clock: systemClock, log: silentLog }),
    decorateLayer(),
  );
}

function request(place: AuthPlace, method: string, path: string, headers = {}): HttpRequest {
  const url = new URL(`${place.options.siteUrl}${path}`);
  return {
    method,
    url,
    headers,
    body: null,
    lane: 'interactive',
    repeat: 'always',
    silenceMs: 5_000,
    patienceMs: 10_000,
  };
}

function mixture(place: AuthPlace): HttpRequest[] {
  return [
    request(place, 'PROPFIND', '/Documents/', { depth: '1' }),
    request(place, 'GET', '/Documents/a.txt'),
    request(place, 'GET', '/_api/web/currentuser'),
    request(place, 'OPTIONS', '/Documents/'),
  ];
}

const SWITCHES = {
  'REST says 401': {},
  'REST says 403': { restRefusalStatus: 403 },
  'a GET is answered by the login page': { loginPageWith200: true },
  'the cookie tells no end': { fedAuthLayout: 'V99' },
  'the cookie is cut off': { fedAuthTruncated: true },
} as const;

for (const [what, switches] of Object.entries(SWITCHES)) {
  test(`${what}: a session that ends in the middle is renewed once per end, and every request succeeds`, async (t) => {
    const place = await authPlace(t);
    const session = await signedInByPages(t, place);
    place.standin.control.set(switches);
    await place.standin.control.drive().write('a.txt', 'hello');
    const transport = await transportFor(t, place, session);
    for (let round = 1; round <= 3; round += 1) {
      place.standin.control.expire('cookies');
      const requests = [...mixture(place), ...mixture(place), ...mixture(place)];
      const answers = await Promise.all(requests.map((one) => transport.send(one, NEVER_ABORTED)));
      for (const answer of answers) discard(answer);
      assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 207]);
      assert.equal(place.standin.control.signIns.count('silent-renewal'), round);
      place.clock.advance(1_000);
    }
  });
}

test('in "blocked" nothing is asked, and nothing is closed to us for good', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const transport = await transportFor(t, place, session);
  place.standin.control.switches.policyBlock = true;
  const outcomes = await Promise.allSettled(mixture(place).map((one) => transport.send(one, NEVER_ABORTED)));
  for (const outcome of outcomes)
    assert.equal(outcome.status === 'rejected' && outcome.reason.kind, 'signed-out');
  const asked = place.standin.control.counts().total;
  await assert.rejects(transport.send(mixture(place)[0]!, NEVER_ABORTED), { kind: 'signed-out' });
  assert.equal(place.standin.control.counts().total, asked);
});

test('a later sign-in heals what was signed out, without a new transport', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const transport = await transportFor(t, place, session);
  place.clock.advance(91 * DAY_MS);
  await assert.rejects(transport.send(mixture(place)[0]!, NEVER_ABORTED), { kind: 'signed-out' });
  await assert.rejects(session.checkSession(NEVER_ABORTED), SignInError);
  await signedInByPages(t, place);
  await session.reload();
  const answer = await transport.send(mixture(place)[0]!, NEVER_ABORTED);
  discard(answer);
  assert.equal(answer.status, 207);
});

test('a door that says 401 for no reason, ever: asked a few times, and the sign-in is left as it is', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const transport = await transportFor(t, place, session);
  place.standin.control.set({ spuriousUnauthorizedEvery: 1, faultMatch: '/Documents/' });
  const before = place.standin.control.counts().total;
  const listing = request(place, 'PROPFIND', '/Documents/', { depth: '1' });
  await assert.rejects(transport.send(listing, NEVER_ABORTED), { kind: 'unreachable' });
  const asked = place.standin.control.counts().total - before;
  assert.ok(asked > 3 && asked < 15, `${asked} requests`);
  assert.equal(session.status().state, 'ok');
  assert.equal(place.standin.control.signIns.count('silent-renewal'), 0);
  place.standin.control.set({ spuriousUnauthorizedEvery: 0 });
  const answer = await transport.send(listing, NEVER_ABORTED);
  discard(answer);
  assert.equal(answer.status, 207);
});

test('a 401 for no reason that offers to sign in by token: asked again, and the sign-in is left as it is', async (t) => {
  const place = await authPlace(t);
  const session = await signedInByPages(t, place);
  const transport = await transportFor(t, place, session);
  const { control } = place.standin;
  control.set({ spuriousUnauthorizedEvery: 2, spuriousUnauthorizedOffersToken: true });
  for (const one of [...mixture(place), ...mixture(place)]) {
    const answer = await transport.send(one, NEVER_ABORTED);
    discard(answer);
    assert.notEqual(answer.status, 401);
  }
  assert.equal(session.status().state, 'ok');
  assert.equal(control.signIns.count('silent-renewal'), 0);
});
