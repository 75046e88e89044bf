/** Protocol notes 2.9 and 1f, row by row. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StandinOptions } from '../../../src/standin/index.js';
import {
  BROWSER,
  type Got,
  MY,
  type Sent,
  SITE,
  SignInClient,
  standinFor,
} from '../../support/standin-sign-in.js';

const DECORATED = 'NONISV|odbfs|odbfs/1.0';
const library = `http://${MY}${SITE}/Documents/`;
const file = `${library}report.pdf`;
const json = { Accept: 'application/json;odata=nometadata' };

async function ask(
  t: TestContext,
  asked: {
    url?: string;
    userAgent?: string;
    switches?: StandinOptions['switches'];
    withCookies?: boolean;
  } & Sent,
): Promise<Got> {
  const standin = await standinFor(t, { switches: asked.switches ?? {} });
  const cookie = asked.withCookies === true ? { Cookie: standin.control.cookies() } : {};
  const client = new SignInClient(standin, asked.userAgent ?? DECORATED);
  return client.send(asked.url ?? library, { ...asked, headers: { ...asked.headers, ...cookie } });
}

function assertForbidden(got: Got): void {
  assert.equal(got.status, 403);
  assert.equal(got.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(got.headers['content-length'], '13');
  assert.equal(got.text, '403 FORBIDDEN');
  assert.equal(
    got.headers['x-msdavext_error'],
    '917656; Access+denied.+Before+opening+files+in+this+location%2c+you+must+first+browse+to+the+web+site+and+select+the+option+to+login+automatically.',
  );
  assert.match(
    String(got.headers['x-idcrl_auth_params_v1']),
    /^IDCRL Type="BPOSIDCRL", EndPoint="\/personal\//,
  );
  assert.ok(got.headers.p3p && got.headers.sprequestguid);
}

test('2.9 a DAV verb, or a client that is no browser: 403 of thirteen characters with all its headers', async (t) => {
  for (const asked of [
    { method: 'PROPFIND' },
    { method: 'OPTIONS' },
    { method: 'PUT', body: 'x' },
    { method: 'GET' },
    { method: 'PROPFIND', userAgent: BROWSER },
    { method: 'GET', userAgent: 'Wget/1.21' },
    { method: 'GET', userAgent: 'Mozilla/4.0 (compatible; MS FrontPage 6.0)' },
    { method: 'PROPFIND', headers: { Cookie: 'FedAuth=77u/PD94bWwg; rtFa=abc' } },
  ]) {
    assertForbidden(await ask(t, asked));
  }
});

test('T1.14 the 403 names the forms, with and without where they end and how large they are', async (t) => {
  const got = await ask(t, { method: 'OPTIONS', headers: { 'X-FORMS_BASED_AUTH_ACCEPTED': 't' } });
  assertForbidden(got);
  const login = `http://${MY}/_forms/default.aspx?ReturnUrl=/_layouts/15/error.aspx&Source=${SITE}`;
  assert.equal(got.headers['x-forms_based_auth_required'], login);
  assert.equal(got.headers['x-forms_based_auth_return_url'], `http://${MY}/_layouts/15/error.aspx`);
  assert.equal(got.headers['x-forms_based_auth_dialog_size'], undefined);
  const switches = { ofbaReturnUrl: false, ofbaDialogSize: '800x600' };
  const other = await ask(t, { method: 'OPTIONS', switches });
  assert.equal(other.headers['x-forms_based_auth_return_url'], undefined);
  assert.equal(other.headers['x-forms_based_auth_dialog_size'], '800x600');
  const refusing = await ask(t, {
    method: 'GET',
    userAgent: BROWSER,
    headers: { 'X-FORMS_BASED_AUTH_ACCEPTED': 'f' },
  });
  assert.equal(refusing.status, 403);
  assert.equal(refusing.headers['x-forms_based_auth_required'], undefined);
});

test('2.9 X-IDCRL_ACCEPTED: 401 with the IDCRL challenge', async (t) => {
  const got = await ask(t, { method: 'PROPFIND', headers: { 'X-IDCRL_ACCEPTED': 't' } });
  assert.equal(got.status, 401);
  assert.match(got.headers['www-authenticate']!, /^IDCRL Type="BPOSIDCRL"/);
});

test('2.9 an empty or invalid bearer: 401 with the Bearer challenge', async (t) => {
  for (const value of ['Bearer', 'Bearer ', 'Bearer nonsense', 'bearer x.y.z']) {
    const got = await ask(t, { method: 'PROPFIND', headers: { Authorization: value } });
    assert.equal(got.status, 401);
    assert.match(got.headers['www-authenticate']!, /^Bearer realm="/);
  }
});

test('2.9 a browser: 302 to Authenticate.aspx', async (t) => {
  const got = await ask(t, { url: `${file}?web=1`, userAgent: BROWSER });
  assert.equal(got.status, 302);
  const source = encodeURIComponent(`${SITE}/Documents/report.pdf?web=1`);
  assert.equal(got.headers.location, `${SITE}/_layouts/15/Authenticate.aspx?Source=${source}`);
});

test('2.9 REST: 401 or 403, as JSON in either wrapper, or as XML', async (t) => {
  const url = `http://${MY}${SITE}/_api/web/lists`;
  const code = '-2147024891, System.UnauthorizedAccessException';
  const plain = await ask(t, { url, headers: json });
  assert.equal(plain.status, 401);
  assert.equal(JSON.parse(plain.text)['odata.error'].code, code);
  const verbose = await ask(t, {
    url,
    userAgent: BROWSER,
    headers: { Accept: 'application/json;odata=verbose' },
  });
  assert.equal(JSON.parse(verbose.text).error.code, code);
  const xml = await ask(t, { url, switches: { restRefusalStatus: 403 } });
  assert.equal(xml.status, 403);
  assert.match(xml.headers['content-type']!, /^application\/xml/);
  assert.ok(xml.text.includes(`<m:code>${code}</m:code>`));
});

test('2.9 a download may be the login page with status 200', async (t) => {
  const got = await ask(t, { url: file, switches: { loginPageWith200: true } });
  assert.equal(got.status, 200);
  assert.match(got.headers['content-type']!, /^text\/html/);
  assert.equal(got.headers.etag, undefined);
  assert.match(got.text, /name="loginfmt"/);
  assertForbidden(await ask(t, { method: 'PROPFIND', switches: { loginPageWith200: true } }));
});

test('2.9 policy: the best of cookies gets the same 917656, a browser sees its page', async (t) => {
  const switches = { policyBlock: true };
  assertForbidden(await ask(t, { method: 'PROPFIND', switches, withCookies: true }));
  assertForbidden(await ask(t, { url: file, switches, withCookies: true }));
  const rest = await ask(t, {
    url: `http://${MY}${SITE}/_api/web`,
    headers: json,
    switches,
    withCookies: true,
  });
  assert.equal(rest.status, 401);
  assert.match(String(rest.headers['x-msdavext_error']), /^917656; /);
  const page = await ask(t, { url: `http://${MY}${SITE}`, userAgent: BROWSER, switches, withCookies: true });
  assert.equal(page.status, 200);
});

test('2.9 every refusal is counted by its reason', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin, DECORATED);
  await client.send(library, { method: 'PROPFIND' });
  const cookies = standin.control.cookies();
  standin.control.expire('all');
  await client.send(library, { method: 'PROPFIND', headers: { Cookie: cookies } });
  await client.send(library, { method: 'PROPFIND', headers: { Cookie: 'FedAuth=nonsense' } });
  const reasons = standin.control.signIns.events().map((event) => event.note);
  assert.deepEqual(reasons, ['absent', 'expired', 'malformed']);
});
