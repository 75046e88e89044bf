import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { STANDIN_PASSWORD, type StandinOptions } from '../../../src/standin/index.js';
import { compactToken, rst, userNameToken } from '../../support/standin-legacy.js';
import { type Got, LOGIN, MY, SITE, SignInClient, standinFor, USER } from '../../support/standin-sign-in.js';

const EXT_STS = `http://${LOGIN}/extSTS.srf`;
const FORMS = `http://${MY}/_forms/default.aspx?wa=wsignin1.0`;
const appliesTo = `https://${MY}/`;

async function legacy(t: TestContext, switches: StandinOptions['switches'] = {}) {
  const standin = await standinFor(t, { switches: { legacyAuth: true, ...switches } });
  return { standin, client: new SignInClient(standin, 'Mozilla/5.0 (compatible; MSIE 9.0)') };
}

function askToken(client: SignInClient, upn: string, password: string): Promise<Got> {
  const headers = { 'Content-Type': 'application/soap+xml; charset=utf-8' };
  return client.send(EXT_STS, { body: rst({ proof: userNameToken(upn, password), appliesTo }), headers });
}

async function signIn(client: SignInClient): Promise<Got> {
  const token = compactToken((await askToken(client, USER, STANDIN_PASSWORD)).text);
  return client.send(FORMS, { body: token ?? '' });
}

test('T1.1 GetUserRealm: XML and JSON, POST and GET, any case, managed, federated, unknown', async (t) => {
  const client = new SignInClient(await standinFor(t));
  const xml = await client.send(`http://${LOGIN}/GetUserRealm.srf`, {
    form: { login: 'federated@contoso.com', xml: '1' },
  });
  assert.match(xml.text, /<RealmInfo Success="true"><State>3<\/State><UserState>2<\/UserState>/);
  assert.match(xml.text, /<NameSpaceType>Federated<\/NameSpaceType><DomainName>contoso\.com<\/DomainName>/);
  assert.match(
    xml.text,
    /<STSAuthURL>http:\/\/adfs\.contoso\.test\/adfs\/services\/trust\/2005\/usernamemixed</,
  );
  assert.match(xml.text, /<FederationTier>/, 'an element that no client knows');
  const get = async (login: string) => {
    const got = await client.send(`http://${LOGIN}/getuserrealm.srf?login=${encodeURIComponent(login)}`);
    return JSON.parse(got.text);
  };
  assert.match((await get('federated@contoso.com')).AuthURL, /\/adfs\/ls\//);
  const managed = await get(USER);
  assert.deepEqual([managed.NameSpaceType, managed.STSAuthURL], ['Managed', undefined]);
  assert.equal(managed.CloudInstanceIssuerUri, 'urn:federation:MicrosoftOnline');
  const unknown = await get('somebody@example.test');
  assert.deepEqual([unknown.NameSpaceType, unknown.DomainName], ['Unknown', undefined]);
});

test('T1.2 extSTS gives a compact token for a password', async (t) => {
  const { client, standin } = await legacy(t);
  standin.control.clock.freeze();
  const got = await askToken(client, USER, STANDIN_PASSWORD);
  assert.equal(got.status, 200);
  assert.match(got.text, /<S:Envelope .*<S:Body><wst:RequestSecurityTokenResponse>/s);
  assert.match(
    got.text,
    /<wsse:BinarySecurityToken Id="Compact0">t=EwD[^<]*&amp;p=<\/wsse:BinarySecurityToken>/,
  );
  const expires = /<wsu:Expires>([^<]+)</.exec(got.text)![1]!;
  const hours = (Date.parse(expires) - standin.control.clock.now()) / 3_600_000;
  assert.ok(hours > 23.9 && hours <= 24);
});

test('T1.2 a fault for every way in which a sign-in fails, with status 200 or as switched', async (t) => {
  const { client, standin } = await legacy(t);
  const expected = {
    'nobody@contoso.com': /AADSTS50034/,
    'locked@contoso.com': /AADSTS50053/,
    'mfa@contoso.com': /AADSTS50076/,
    'mfa-registration@contoso.com': /AADSTS50079/,
    'blocked@contoso.com': /AADSTS53003/,
    'unmanaged@contoso.com': /AADSTS65005/,
    'federated@contoso.com': /Direct login to WLID is not allowed for this federated namespace/,
  };
  for (const [upn, text] of Object.entries(expected)) {
    const got = await askToken(client, upn, STANDIN_PASSWORD);
    assert.equal(got.status, 200);
    assert.match(got.text, /<S:Value>wst:FailedAuthentication<\/S:Value>.*Authentication Failure/);
    assert.match(got.text, text);
    assert.equal(compactToken(got.text), undefined);
  }
  const wrong = await askToken(client, USER, 'wrong');
  assert.match(wrong.text, /<psf:internalerror><psf:code>0x80041012<\/psf:code><psf:text>AADSTS50126: /);
  standin.control.set({ legacyFaultStatus: 500 });
  assert.equal((await askToken(client, USER, 'wrong')).status, 500);
  assert.match((await client.send(EXT_STS, { body: '<not xml' })).text, /wst:InvalidRequest/);
});

test('T1.3 five wrong passwords lock the account for sixty seconds', async (t) => {
  const { client, standin } = await legacy(t);
  standin.control.clock.freeze();
  for (let attempt = 0; attempt < 5; attempt++) {
    assert.match((await askToken(client, USER, 'wrong')).text, /AADSTS50126/);
  }
  assert.match((await askToken(client, USER, STANDIN_PASSWORD)).text, /AADSTS50053/);
  standin.control.clock.advance(59_999);
  assert.match((await askToken(client, USER, STANDIN_PASSWORD)).text, /AADSTS50053/);
  standin.control.clock.advance(1);
  assert.ok(compactToken((await askToken(client, USER, STANDIN_PASSWORD)).text));
  assert.equal(standin.control.signIns.count('password-wrong'), 5);
});

test('T1.4 without legacy sign-in, as today: Authentication Failure, and 401 with 917656 at idcrl.svc', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin, '');
  const got = await askToken(client, USER, STANDIN_PASSWORD);
  assert.match(got.text, /Authentication Failure/);
  assert.doesNotMatch(got.text, /AADSTS/);
  const idcrl = await client.send(`http://${MY}/_vti_bin/idcrl.svc/`, {
    headers: { Authorization: 'BPOSIDCRL t=x&p=', 'X-IDCRL_ACCEPTED': 't' },
  });
  assert.equal(idcrl.status, 401);
  assert.match(String(idcrl.headers['x-msdavext_error']), /^917656; /);
});

test('T1.6 the token against FedAuth and rtFa', async (t) => {
  const { client } = await legacy(t);
  const got = await signIn(client);
  assert.equal(got.status, 302);
  assert.match(got.headers['content-type']!, /^text\/html/);
  const [rtFa, fedAuth] = got.setCookies;
  assert.match(rtFa!, /^rtFa=[\w+/=]+; domain=sharepoint\.test; path=\/; SameSite=None; secure; HttpOnly$/);
  assert.match(fedAuth!, /^FedAuth=77u\/PD94bWwg[\w+/=]+; path=\/; SameSite=None; secure; HttpOnly$/);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`)).status < 400, true);
});

test('T1.6 a bad token is a 302 too, without cookies; and one cookie alone', async (t) => {
  const { client, standin } = await legacy(t);
  const token = compactToken((await askToken(client, USER, STANDIN_PASSWORD)).text)!;
  for (const bad of ['t=nonsense&p=', '', encodeURIComponent(token)]) {
    const got = await client.send(FORMS, { body: bad, method: 'POST' });
    assert.deepEqual([got.status, got.setCookies], [302, []]);
  }
  standin.control.set({ formsCookies: 'rtFa' });
  assert.deepEqual(
    (await signIn(client)).setCookies.map((line) => line.split('=')[0]),
    ['rtFa'],
  );
  standin.control.set({ formsCookies: 'FedAuth' });
  assert.deepEqual(
    (await signIn(client)).setCookies.map((line) => line.split('=')[0]),
    ['FedAuth'],
  );
});

test('T1.8 idcrl.svc: the challenge by header, and the exchange', async (t) => {
  const { client } = await legacy(t);
  const challenge =
    /^IDCRL Type="BPOSIDCRL", EndPoint="\/_vti_bin\/idcrl\.svc\/", RootDomain="sharepoint\.test", Policy="MBI"$/;
  const accepted = await client.send(`http://${MY}${SITE}/Documents`, {
    headers: { 'X-IDCRL_ACCEPTED': 't' },
  });
  assert.equal(accepted.status, 401);
  assert.match(accepted.headers['www-authenticate']!, challenge);
  const dav = await client.send(`http://${MY}${SITE}/Documents`, { method: 'PROPFIND' });
  assert.equal(dav.status, 403);
  assert.match(
    String(dav.headers['x-idcrl_auth_params_v1']),
    /EndPoint="\/personal\/user_contoso_com\/_vti_bin\/idcrl\.svc\/"/,
  );
  const token = compactToken((await askToken(client, USER, STANDIN_PASSWORD)).text)!;
  const exchange = (value: string) =>
    client.send(`http://${MY}/_vti_bin/idcrl.svc/`, {
      headers: { Authorization: `BPOSIDCRL ${value}`, 'X-IDCRL_ACCEPTED': 't', 'User-Agent': '' },
    });
  assert.equal((await exchange('t=nonsense&p=')).status, 401);
  const got = await exchange(token);
  assert.equal(got.status, 200);
  assert.match(got.setCookies[0]!, /^SPOIDCRL=.*path=\/; .*secure; HttpOnly$/);
  assert.equal((await client.send(`http://${MY}${SITE}/_api/web`)).status < 400, true);
});
