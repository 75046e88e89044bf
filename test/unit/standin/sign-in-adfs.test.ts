import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../../src/standin/index.js';
import { assertionIn, compactToken, rst, userNameToken } from '../../support/standin-legacy.js';
import { ADFS, LOGIN, MY, ROOT, SignInClient, standinFor } from '../../support/standin-sign-in.js';

const FEDERATED = 'federated@contoso.com';
const PARTY = 'urn:federation:MicrosoftOnline';
const endpoint = (version: string) => `http://${ADFS}/adfs/services/trust/${version}/usernamemixed`;
const proof = userNameToken(FEDERATED, STANDIN_PASSWORD);

for (const version of ['2005', '13'] as const) {
  test(`T1.5 ADFS ${version}: an assertion, which must come back unchanged`, async (t) => {
    const client = new SignInClient(await standinFor(t, { switches: { legacyAuth: true } }));
    const got = await client.send(endpoint(version), { body: rst({ proof, appliesTo: PARTY, version }) });
    assert.equal(got.status, 200);
    assert.equal(got.text.includes('RequestSecurityTokenResponseCollection'), version === '13');
    const assertion = assertionIn(got.text);
    assert.match(assertion, /<saml:Conditions NotBefore="[^"]+" NotOnOrAfter="[^"]+"/);
    for (const service of ['extSTS.srf', 'rst2.srf']) {
      const exchange = (content: string) =>
        client.send(`http://${LOGIN}/${service}`, {
          body: rst({ proof: content, appliesTo: 'sharepoint.test' }),
        });
      assert.ok(compactToken((await exchange(assertion)).text), service);
      const rewritten = assertion.replace(`MinorVersion='1'`, 'MinorVersion="1"');
      assert.notEqual(rewritten, assertion);
      assert.match((await exchange(rewritten)).text, /wst:FailedAuthentication/);
    }
  });
}

test('T1.5 ADFS refuses a wrong password, another version and another party by a fault', async (t) => {
  const client = new SignInClient(await standinFor(t));
  const refused = async (body: string) => {
    const got = await client.send(endpoint('2005'), { body });
    assert.equal(got.status, 500);
    return got.text;
  };
  const wrong = userNameToken(FEDERATED, 'wrong');
  assert.match(await refused(rst({ proof: wrong, appliesTo: PARTY })), /a:FailedAuthentication.*ID3242/);
  assert.match(await refused(rst({ proof, appliesTo: PARTY, version: '13' })), /a:ActionNotSupported/);
  assert.match(await refused(rst({ proof, appliesTo: 'urn:something' })), /a:InvalidScope/);
  assert.match(await refused('no xml'), /a:InvalidRequest/);
});

test('T1.5 ADFS may answer with a page', async (t) => {
  const client = new SignInClient(await standinFor(t, { switches: { adfsAnswer: 'html' } }));
  const got = await client.send(endpoint('2005'), { body: rst({ proof, appliesTo: PARTY }) });
  assert.match(got.headers['content-type']!, /^text\/html/);
  assert.match(got.text, /<br>/);
});

test('an assertion lasts an hour, and a tenant without legacy sign-in takes none', async (t) => {
  const standin = await standinFor(t, { switches: { legacyAuth: true } });
  const client = new SignInClient(standin);
  const got = await client.send(endpoint('2005'), { body: rst({ proof, appliesTo: PARTY }) });
  const body = rst({ proof: assertionIn(got.text), appliesTo: `https://${MY}/` });
  standin.control.set({ legacyAuth: false });
  assert.match((await client.send(`http://${LOGIN}/rst2.srf`, { body })).text, /Authentication Failure/);
  standin.control.set({ legacyAuth: true });
  standin.control.clock.advance(3_600_000);
  assert.match((await client.send(`http://${LOGIN}/rst2.srf`, { body })).text, /FailedAuthentication/);
});

test("a SharePoint of one's own takes the assertion at _trust and gives FedAuth alone", async (t) => {
  const client = new SignInClient(await standinFor(t));
  const got = await client.send(endpoint('13'), {
    body: rst({ proof, appliesTo: 'urn:sharepoint:portal', version: '13' }),
  });
  const wctx = `http://${ROOT}/sites/team/_layouts/Authenticate.aspx?Source=%2F`;
  const form = { wa: 'wsignin1.0', wctx, wresult: got.text };
  const taken = await client.send(`http://${ROOT}/_trust/`, { form });
  assert.deepEqual([taken.status, taken.headers.location], [302, wctx]);
  assert.deepEqual(
    taken.setCookies.map((line) => line.split('=')[0]),
    ['FedAuth'],
  );
  assert.equal((await client.send(`http://${ROOT}/sites/team/_api/web`)).status < 400, true);
  const refused = await client.send(`http://${ROOT}/_trust/`, {
    form: { ...form, wresult: '<saml:Assertion >' },
  });
  assert.deepEqual(refused.setCookies, []);
});
