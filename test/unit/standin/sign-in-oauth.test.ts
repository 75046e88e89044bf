import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { STANDIN_PASSWORD, type Standin } from '../../../src/standin/index.js';
import {
  type Got,
  LOGIN,
  MY,
  ROOT,
  SITE,
  SignInClient,
  standinFor,
  USER,
} from '../../support/standin-sign-in.js';

const AUTHORIZE = `http://${LOGIN}/organizations/oauth2/v2.0/authorize`;
const TOKEN = `http://${LOGIN}/organizations/oauth2/v2.0/token`;
const NATIVE = `http://${MY}/_api/SP.OAuth.NativeClient/Authenticate`;
const REDIRECT = 'http://localhost:41234/';
const VERIFIER = 'a-verifier-of-enough-characters-to-be-a-good-one-0123456789';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const client_id = '11111111-2222-4333-8444-555555555555';
const scope = `https://${MY}/AllSites.Write offline_access`;
const DAY_MS = 86_400_000;

const wish = {
  client_id,
  scope,
  response_type: 'code',
  redirect_uri: REDIRECT,
  state: 'a state & more',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

function authorizeUrl(changes: Record<string, string> = {}): string {
  return `${AUTHORIZE}?${new URLSearchParams({ ...wish, ...changes })}`;
}

/** Up to the redirect to the loopback listener. */
async function codeFor(client: SignInClient, changes: Record<string, string> = {}): Promise<URLSearchParams> {
  let page = await client.send(authorizeUrl({ login_hint: USER, ...changes }));
  if (page.status === 200) page = await client.submit(page, { passwd: STANDIN_PASSWORD });
  if (page.status === 200) page = await client.submit(page, { LoginOptions: '3' });
  assert.equal(page.status, 302, page.text);
  assert.ok(page.headers.location!.startsWith(REDIRECT));
  return new URL(page.headers.location!).searchParams;
}

function redeem(client: SignInClient, code: string, changes: Record<string, string> = {}): Promise<Got> {
  const form = {
    grant_type: 'authorization_code',
    code,
    client_id,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    scope,
  };
  return client.send(TOKEN, { form: { ...form, ...changes } });
}

async function tokens(standin: Standin, changes: Record<string, string> = {}) {
  const client = new SignInClient(standin);
  const code = (await codeFor(client, changes)).get('code')!;
  const got = await redeem(client, code);
  assert.equal(got.status, 200, got.text);
  return JSON.parse(got.text) as { access_token: string; refresh_token: string; expires_in: number };
}

function renew(
  client: SignInClient,
  refresh_token: string,
  changes: Record<string, string> = {},
): Promise<Got> {
  return client.send(TOKEN, {
    form: { grant_type: 'refresh_token', refresh_token, client_id, scope, ...changes },
  });
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } };
}

test('T1.13 authorize with PKCE, any loopback port, and the state echoed', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const answer = await codeFor(client);
  assert.equal(answer.get('state'), wish.state);
  const wrong = await redeem(client, answer.get('code')!, { code_verifier: `${VERIFIER}x` });
  assert.equal(wrong.status, 400);
  assert.deepEqual(
    [JSON.parse(wrong.text).error, JSON.parse(wrong.text).error_codes],
    ['invalid_grant', [501481]],
  );
  const right = await redeem(client, answer.get('code')!);
  assert.equal(right.status, 200);
  const body = JSON.parse(right.text);
  assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 4500]);
  const again = await redeem(client, answer.get('code')!);
  assert.equal(JSON.parse(again.text).error_codes[0], 54005);
});

test('T1.13 a code is for its redirect URI and its ten minutes; an unknown one is refused', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const code = (await codeFor(client)).get('code')!;
  assert.equal(
    JSON.parse((await redeem(client, code, { redirect_uri: 'http://localhost:1/' })).text).error,
    'invalid_grant',
  );
  standin.control.clock.advance(601_000);
  assert.equal(JSON.parse((await redeem(client, code)).text).error_codes[0], 70008);
  assert.equal(JSON.parse((await redeem(client, 'nonsense')).text).error, 'invalid_grant');
});

test('T1.13 authorize refuses foreign redirects, missing PKCE, bad scopes, and silence when nobody is signed in', async (t) => {
  const client = new SignInClient(await standinFor(t));
  const foreign = await client.send(authorizeUrl({ redirect_uri: 'http://example.test/' }));
  assert.match(foreign.text, /AADSTS50011/);
  const error = async (changes: Record<string, string>) =>
    new URL((await client.send(authorizeUrl(changes))).headers.location!).searchParams;
  assert.match((await error({ code_challenge: '', scope: '' })).get('error_description')!, /AADSTS/);
  assert.equal(
    (await error({ scope: `https://${MY}/.default https://${ROOT}/.default` })).get('error'),
    'invalid_scope',
  );
  assert.equal((await error({ scope: 'https://example.test/.default' })).get('error'), 'invalid_resource');
  const silent = await error({ prompt: 'none' });
  assert.equal(silent.get('error'), 'login_required');
  assert.equal(silent.get('state'), wish.state);
});

test('T1.13 refresh tokens rotate, the old one stays good, and 90 idle days end them', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const first = await tokens(standin);
  const second = JSON.parse((await renew(client, first.refresh_token)).text);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await renew(client, first.refresh_token)).status, 200);
  standin.control.clock.advance(80 * DAY_MS);
  const third = JSON.parse((await renew(client, second.refresh_token)).text);
  standin.control.clock.advance(80 * DAY_MS);
  const stale = await renew(client, second.refresh_token);
  assert.deepEqual([stale.status, JSON.parse(stale.text).error_codes[0]], [400, 700082]);
  assert.equal((await renew(client, third.refresh_token)).status, 200);
  standin.control.setUser(USER, { password: 'another' });
  assert.equal(JSON.parse((await renew(client, third.refresh_token)).text).error_codes[0], 50173);
});

test('T1.13 one refresh token serves another resource, one resource at a time', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const { refresh_token, access_token } = await tokens(standin);
  const other = await renew(client, refresh_token, { scope: `https://${ROOT}/.default` });
  const forRoot = JSON.parse(other.text).access_token as string;
  assert.equal((await client.send(`http://${ROOT}/sites/team/_api/web`, bearer(forRoot))).status < 400, true);
  const wrong = await client.send(`http://${MY}${SITE}/_api/web`, bearer(forRoot));
  assert.equal(wrong.status, 401);
  assert.match(String(wrong.headers['x-ms-diagnostics']), /^3000003/);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`, bearer(access_token))).status < 400, true);
  const graph = await renew(client, refresh_token, { scope: 'Files.ReadWrite.All offline_access' });
  const forGraph = JSON.parse(graph.text).access_token as string;
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`, bearer(forGraph))).status, 401);
});

test('T1.13 an access token ends after its lifetime', async (t) => {
  const standin = await standinFor(t, { switches: { accessTokenSeconds: 60 } });
  const client = new SignInClient(standin);
  const { access_token } = await tokens(standin);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`, bearer(access_token))).status < 400, true);
  standin.control.clock.advance(61_000);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`, bearer(access_token))).status, 401);
});

test('T1.9 a bearer is exchanged for SPOIDCRL, which opens WebDAV and REST', async (t) => {
  const standin = await standinFor(t, { switches: { spoidcrlSeconds: 30 } });
  const { access_token } = await tokens(standin);
  const client = new SignInClient(standin, 'NONISV|odbfs|test/1');
  const got = await client.send(NATIVE, { method: 'POST', ...bearer(access_token) });
  assert.equal(got.status, 200);
  assert.match(got.setCookies[0]!, /^SPOIDCRL=[^;]+; path=\/; SameSite=None; secure; HttpOnly$/);
  const dav = { method: 'PROPFIND', headers: { Depth: '0' } };
  assert.equal((await client.send(`http://${MY}${SITE}/Documents`, dav)).status, 207);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`)).status < 400, true);
  standin.control.clock.advance(31_000);
  assert.equal((await client.send(`http://${MY}${SITE}/Documents`, dav)).status, 403);
});

test('T1.9 an empty or invalid bearer gets the whole challenge', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const discovery = await client.send(`http://${MY}/_vti_bin/client.svc`, {
    headers: { Authorization: 'Bearer' },
  });
  const invalid = await client.send(NATIVE, { method: 'POST', ...bearer('nonsense') });
  const none = await client.send(NATIVE, { method: 'POST' });
  for (const got of [discovery, invalid, none]) {
    assert.equal(got.status, 401);
    const challenge = String(got.headers['www-authenticate']);
    assert.match(
      challenge,
      /^Bearer realm="[\da-f-]{36}",client_id="00000003-0000-0ff1-ce00-000000000000",trusted_issuers="/,
    );
    assert.match(challenge, /authorization_uri="http:\/\/login\./);
    assert.match(
      challenge,
      /cookie_uri="http:\/\/contoso-my\.sharepoint\.test\/_api\/SP\.OAuth\.NativeClient\/Authenticate"/,
    );
    assert.deepEqual(got.setCookies, []);
  }
});

test('T1.9 insufficient claims: only a token that was asked for with claims passes', async (t) => {
  const standin = await standinFor(t);
  const { access_token, refresh_token } = await tokens(standin);
  standin.control.set({ insufficientClaims: true });
  const client = new SignInClient(standin);
  const refused = await client.send(NATIVE, { method: 'POST', ...bearer(access_token) });
  const challenge = String(refused.headers['www-authenticate']);
  assert.match(challenge, /error="insufficient_claims"/);
  const claims = Buffer.from(/claims="([^"]+)"/.exec(challenge)![1]!, 'base64').toString();
  assert.ok(JSON.parse(claims).access_token);
  const renewed = JSON.parse((await renew(client, refresh_token, { claims })).text).access_token as string;
  assert.equal((await client.send(NATIVE, { method: 'POST', ...bearer(renewed) })).status, 200);
});

test('T1.13 an application that needs an admin gets there neither by page nor by renewal', async (t) => {
  const standin = await standinFor(t);
  const { refresh_token } = await tokens(standin);
  standin.control.set({ adminApproval: true });
  const client = new SignInClient(standin);
  let page = await client.send(authorizeUrl({ login_hint: USER }));
  page = await client.submit(page, { passwd: STANDIN_PASSWORD });
  page = await client.submit(page, { LoginOptions: '3' });
  assert.match(page.text, /AADSTS90094/);
  assert.match(page.text, /id="adminConsentReturn" href="http:\/\/localhost:41234\/\?error=access_denied/);
  const renewed = JSON.parse((await renew(client, refresh_token)).text);
  assert.deepEqual(
    [renewed.error, renewed.error_codes[0], renewed.suberror],
    ['invalid_grant', 65001, 'consent_required'],
  );
});

test('T1.13 what became of the user shows at the next renewal', async (t) => {
  const standin = await standinFor(t);
  const { refresh_token } = await tokens(standin);
  const client = new SignInClient(standin);
  for (const [fate, code] of [
    ['blocked', 53003],
    ['mfa', 50076],
  ] as const) {
    standin.control.setUser(USER, { fate });
    assert.equal(JSON.parse((await renew(client, refresh_token)).text).error_codes[0], code);
  }
});

test('the token endpoint refuses a request without client or with another grant', async (t) => {
  const client = new SignInClient(await standinFor(t));
  const none = await client.send(TOKEN, { form: { grant_type: 'refresh_token' } });
  assert.deepEqual([none.status, JSON.parse(none.text).error], [400, 'invalid_request']);
  const other = await client.send(TOKEN, { form: { grant_type: 'password', client_id } });
  assert.equal(JSON.parse(other.text).error, 'unsupported_grant_type');
});
