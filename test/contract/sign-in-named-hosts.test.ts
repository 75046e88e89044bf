/** Host by host under their own names: which cookie goes where, and how one sign-in serves the whole tenant. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/base/index.js';
import { logOut, signIn } from '../../src/sharepoint/auth/index.js';
import type { Challenge } from '../../src/sharepoint/http/authenticator.js';
import {
  NEVER_ABORTED,
  NO_KEYRING,
  Person,
  SharedClock,
  sessionOf,
  temporaryDir,
} from '../support/auth-place.js';
import { type NamedTenant, namedTenant } from '../support/auth-tls.js';

const MY = 'contoso-my.sharepoint.test';
const ROOT = 'contoso.sharepoint.test';
const LOGIN = 'login.microsoftonline.test';
const SITE = '/personal/user_contoso_com';
const PASSWORD = { method: 'password', username: 'user@contoso.com' } as const;

async function placeIn(t: TestContext, tenant: NamedTenant) {
  const { standin, dispatcher } = tenant;
  const clock = new SharedClock(standin);
  const stateDir = await temporaryDir(t);
  const siteUrl = `${tenant.at(MY)}${SITE}`;
  const options = { siteUrl, stateDir, clock, dispatcher, keyring: NO_KEYRING, environment: {} };
  return { standin, clock, stateDir, options, logged: [] };
}

async function answered(tenant: NamedTenant, url: string, headers: Readonly<Record<string, string>>) {
  const { body, statusCode } = await tenant.dispatcher.request({
    origin: new URL(url).origin,
    path: new URL(url).pathname,
    method: 'GET',
    headers,
  });
  await body.dump();
  return statusCode;
}

test('the login host is found by the site itself, and passwords go by names and TLS', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  await signIn(PASSWORD, new Person(), place.options, NEVER_ABORTED);
  assert.deepEqual([...tenant.connected].sort(), [MY, LOGIN].sort());
  const federated = { ...PASSWORD, username: 'federated@contoso.com' };
  const options = { ...place.options, siteUrl: `${tenant.at(MY)}/personal/federated_contoso_com` };
  await signIn(federated, new Person(), options, NEVER_ABORTED);
  assert.ok(tenant.connected.has('adfs.contoso.test'));
});

test('another host of the tenant is signed in to by rtFa, silently, at the first request there', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  await signIn({ ...PASSWORD, keepPassword: false }, new Person(), place.options, NEVER_ABORTED);
  const session = await sessionOf(t, place);
  const team = new URL(`${tenant.at(ROOT)}/sites/team/_api/web`);
  const signed = await Promise.all([1, 2, 3].map(() => session.apply(team, NEVER_ABORTED)));
  assert.equal(await answered(tenant, team.href, signed[0]!.headers), 200);
  assert.equal(tenant.standin.control.signIns.count('sibling-sign-in'), 1);
  assert.deepEqual(signed[1]!.headers, signed[0]!.headers);
  const own = (await session.apply(new URL(place.options.siteUrl), NEVER_ABORTED)).headers.cookie ?? '';
  assert.notEqual(/FedAuth=[^;]+/.exec(own)![0], /FedAuth=[^;]+/.exec(signed[0]!.headers.cookie ?? '')![0]);
});

test('a session that ended on the other host is made anew there; where it can not be, that host alone is denied', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  await signIn({ ...PASSWORD, keepPassword: false }, new Person(), place.options, NEVER_ABORTED);
  const session = await sessionOf(t, place);
  const team = new URL(`${tenant.at(ROOT)}/sites/team`);
  const challenge: Challenge = {
    kind: 'forms',
    status: 403,
    url: team,
    davError: 917_656,
    wwwAuthenticate: null,
  };
  const first = await session.apply(team, NEVER_ABORTED);
  await session.rejected(challenge, first.stamp, NEVER_ABORTED);
  assert.equal(tenant.standin.control.signIns.count('sibling-sign-in'), 2);
  tenant.standin.control.switches.rtFaRevoked = true;
  const second = await session.apply(team, NEVER_ABORTED);
  await assert.rejects(session.rejected(challenge, second.stamp, NEVER_ABORTED), { kind: 'denied' });
  await assert.rejects(session.apply(team, NEVER_ABORTED), { kind: 'denied' });
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('the account of a team site starts from rtFa that a person brings', async (t) => {
  const tenant = await namedTenant(t);
  const place = await placeIn(t, tenant);
  const rtFa = /rtFa=[^;]+/.exec(tenant.standin.control.cookies())![0];
  const options = { ...place.options, siteUrl: `${tenant.at(ROOT)}/sites/team/Shared%20Documents` };
  const result = await signIn({ method: 'cookies' }, new Person({ cookies: rtFa }), options, NEVER_ABORTED);
  assert.equal(result.siteUrl, `${tenant.at(ROOT)}/sites/team`);
  assert.ok(!tenant.connected.has(LOGIN));
});

test('a second account, for a team site, needs no person where the tenant is signed in to already', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  await signIn(PASSWORD, new Person(), place.options, NEVER_ABORTED);
  const team = {
    ...place.options,
    siteUrl: `${tenant.at(ROOT)}/sites/team`,
    stateDir: await temporaryDir(t),
    relatives: [await temporaryDir(t), place.stateDir],
  };
  const person = new Person();
  const result = await signIn({ method: 'auto' }, person, team, NEVER_ABORTED);
  assert.deepEqual(
    [result.method, result.username, result.renewsItself],
    ['cookies', 'user@contoso.com', true],
  );
  const session = await sessionOf(t, { ...place, options: team });
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  const other = { ...team, siteUrl: `${tenant.at(MY)}/personal/mfa_contoso_com` };
  await assert.rejects(signIn({ method: 'auto' }, person, other, NEVER_ABORTED), { kind: 'unavailable' });
});

test('expiry counts by the server clock, however wrong ours is', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  const early = { ...place.options, clock: { ...systemClock, now: () => place.clock.now() - 5 * 3_600_000 } };
  const { expiresAt } = await signIn(PASSWORD, new Person(), early, NEVER_ABORTED);
  const lifeMs = Date.parse(expiresAt!) - early.clock.now();
  assert.ok(Math.abs(lifeMs - 86_400_000) < 5_000, String(lifeMs));
});

test('a logout ends the session of the login host, unless another account lives on it', async (t) => {
  const tenant = await namedTenant(t, { legacyAuth: true });
  const place = await placeIn(t, tenant);
  const { options, standin } = place;
  await signIn(PASSWORD, new Person(), options, NEVER_ABORTED);
  const team = {
    ...options,
    siteUrl: `${tenant.at(ROOT)}/sites/team`,
    stateDir: await temporaryDir(t),
    relatives: [options.stateDir],
  };
  await signIn({ method: 'auto' }, new Person(), team, NEVER_ABORTED);
  const ended = () => standin.control.log.entries.filter(({ path }) => path.endsWith('/logout')).length;
  await logOut({ ...options, relatives: [team.stateDir] }, NEVER_ABORTED);
  assert.equal(ended(), 0);
  await logOut({ ...team, relatives: [options.stateDir] }, NEVER_ABORTED);
  assert.equal(ended(), 1);
});
