import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../../src/standin/index.js';
import { LOGIN, MY, SITE, SignInClient, standinFor, USER } from '../../support/standin-sign-in.js';

const site = `http://${MY}${SITE}/`;
const api = `http://${MY}${SITE}/_api/web`;
const credentials = { upn: USER, password: STANDIN_PASSWORD, stay: true };

test('1g a renewal may need a person: password, MFA, "stay signed in?", terms', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  const steps = [
    ['password', /name="passwd"/, { passwd: STANDIN_PASSWORD }],
    ['mfa', /name="otc"/, { otc: '123456' }],
    ['kmsi', /name="DontShowAgain"/, { LoginOptions: '1' }],
    ['terms', /Terms of use/, { accepted: 'true' }],
  ] as const;
  for (const [needs, page, typed] of steps) {
    client.jar.delete(MY);
    client.jar.delete('.sharepoint.test');
    standin.control.set({ renewalNeeds: needs });
    const shown = await client.browse(site);
    assert.match(shown.text, page, needs);
    await client.follow(await client.submit(shown, typed));
    assert.ok(client.cookie(MY, 'FedAuth'), needs);
  }
  assert.equal(standin.control.signIns.count('silent-renewal'), 0);
});

test('1g a user whom Conditional Access blocks later is blocked at the next renewal', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  standin.control.setUser(USER, { fate: 'blocked' });
  client.jar.delete(MY);
  client.jar.delete('.sharepoint.test');
  assert.match((await client.browse(site)).text, /53003/);
  assert.equal(client.cookie(MY, 'FedAuth'), undefined);
});

test('1j a FedAuth that is old enough is followed by a new one, of the same sign-in', async (t) => {
  const standin = await standinFor(t, { switches: { reissueAfterSeconds: 600 } });
  standin.control.clock.freeze();
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  const first = client.cookie(MY, 'FedAuth')!;
  assert.deepEqual((await client.send(api)).setCookies, []);
  standin.control.clock.advance(600_000);
  const got = await client.send(api);
  assert.match(got.setCookies[0]!, /^FedAuth=.*; expires=/, 'persistent as before');
  const second = client.cookie(MY, 'FedAuth')!;
  const field = (value: string, index: number) => Buffer.from(value, 'base64').toString().split(',')[index]!;
  assert.equal(field(second, 3), field(first, 3));
  assert.equal(BigInt(field(second, 5)) - BigInt(field(first, 5)), 600n * 10_000_000n);
  const old = await client.send(api, { headers: { Cookie: `FedAuth=${first}` } });
  assert.equal(old.status < 400, true, 'the old one stays good');
});

test('1f a client that shows forms signs in from the page that the 403 names, to where it says', async (t) => {
  const standin = await standinFor(t);
  const office = await new SignInClient(standin, 'Microsoft Office Word 2014').send(`${site}Documents/`, {
    method: 'OPTIONS',
    headers: { 'X-FORMS_BASED_AUTH_ACCEPTED': 't' },
  });
  const dialog = new SignInClient(standin);
  const end = await dialog.signIn(String(office.headers['x-forms_based_auth_required']), credentials);
  assert.equal(end.url, office.headers['x-forms_based_auth_return_url']);
  assert.equal(end.status, 200);
  assert.ok(dialog.cookie(MY, 'FedAuth'));
});

test('every host on one address: a whole sign-in, and a sibling host below its prefix', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const home = new URL(standin.url);
  const page = await client.signIn(`${standin.url}/`, credentials);
  assert.equal(new URL(page.url).host, home.host);
  assert.equal(new URL(page.url).pathname, home.pathname);
  assert.equal(page.status, 200);
  client.visited.length = 0;
  const team = await client.browse(`${standin.origin}/~root/sites/team/`);
  assert.equal(new URL(team.url).pathname, '/~root/sites/team');
  assert.equal(team.status, 200);
  assert.ok(!client.visited.some((path) => path.includes('/~login')));
});

test('redirects lead nowhere else, whatever is asked for', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  for (const evil of ['https://example.test/', '//example.test/', `http://${MY}.example.test/`]) {
    const query = new URLSearchParams({ Source: evil, ReturnUrl: evil });
    for (const path of ['_layouts/15/Authenticate.aspx', '_forms/default.aspx']) {
      const got = await client.send(`http://${MY}/${path}?${query}`);
      assert.equal(got.headers.location, '/', `${path} ${evil}`);
    }
  }
});

test('the login host knows its pages in any case, and says so of those it does not', async (t) => {
  const client = new SignInClient(await standinFor(t));
  assert.equal((await client.send(`http://${LOGIN}/nothing/here`)).status, 404);
  const found = await client.send(`http://${LOGIN}/organizations/v2.0/.well-known/openid-configuration`);
  assert.match(JSON.parse(found.text).token_endpoint, /\/organizations\/oauth2\/v2\.0\/token$/);
  const large = await client.send(`http://${LOGIN}/EXTSTS.SRF`, { body: 'x'.repeat(3_000_000) });
  assert.equal(large.status, 413);
});

test('2.9 the drive API answers in its own words, REST with 917656 where switched', async (t) => {
  const standin = await standinFor(t, { switches: { restRefusalHeader: true } });
  const client = new SignInClient(standin, 'NONISV|odbfs|odbfs/1');
  const drive = await client.send(`http://${MY}${SITE}/_api/v2.0/drives`);
  assert.equal(drive.status, 401);
  assert.equal(JSON.parse(drive.text).error.code, 'unauthenticated');
  assert.match(String((await client.send(api)).headers['x-msdavext_error']), /^917656/);
});

test('the login host may be in passing trouble, which says nothing about the sign-in', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  standin.control.set({ loginUnavailableNext: 2 });
  client.jar.delete(MY);
  client.jar.delete('.sharepoint.test');
  assert.equal((await client.browse(site)).status, 503);
  const token = await client.send(`http://${LOGIN}/common/oauth2/v2.0/token`, { form: { grant_type: 'x' } });
  assert.deepEqual([token.status, JSON.parse(token.text).error], [503, 'temporarily_unavailable']);
  await client.browse(site);
  assert.ok(client.cookie(MY, 'FedAuth'));
});

test('T1.12 rtFa ends with FedAuth, or has a life of its own', async (t) => {
  const standin = await standinFor(t, { switches: { fedAuthSeconds: 30, rtFaSeconds: 0 } });
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  standin.control.clock.advance(30_000);
  await client.browse(site);
  assert.equal(standin.control.signIns.count('sibling-sign-in'), 0);
  assert.equal(standin.control.signIns.count('silent-renewal'), 1);
  standin.control.set({ rtFaSeconds: 600 });
  standin.control.expire('cookies');
  await client.browse(site);
  standin.control.clock.advance(31_000);
  await client.browse(site);
  assert.equal(standin.control.signIns.count('sibling-sign-in'), 1);
});
