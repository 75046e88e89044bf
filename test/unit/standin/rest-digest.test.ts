import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, json, LIBRARY, SITE } from '../../support/standin-client.js';

const VERBOSE = { Accept: 'application/json;odata=verbose' };
const MINIMAL = { Accept: 'application/json' };

test('T3.1 contextinfo in its shapes, with the date of the server', async (t) => {
  const client = await clientFor(t);
  const post = (path: string, headers: Record<string, string>) =>
    client.send('POST', path, { headers, body: '' });
  const verbose = json(await post(`${SITE}/_api/contextinfo`, VERBOSE)) as {
    d: { GetContextWebInformation: Record<string, unknown> };
  };
  const info = verbose.d.GetContextWebInformation;
  assert.equal(info.FormDigestTimeoutSeconds, 1800);
  assert.match(String(info.FormDigestValue), /^0x[0-9A-F]{128},\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} -0000$/);
  assert.equal(info.WebFullUrl, client.standin.url);
  assert.equal(json(await post(`${SITE}/_api/contextinfo`, MINIMAL)).FormDigestTimeoutSeconds, 1800);
  const wrong = await post(`${SITE}/_api/web/contextinfo`, VERBOSE);
  assert.equal(wrong.status, 403);
  assert.match(wrong.text, /security validation/);
});

test('T3.1 writes with cookies need a digest of this web that is not older than 1800 s', async (t) => {
  const client = await clientFor(t);
  const { clock } = client.standin.control;
  clock.freeze();
  const make = (digest: string | null, headers = VERBOSE as Record<string, string>) =>
    client.send('POST', `${SITE}/_api/web/Folders/AddUsingPath(decodedurl='${LIBRARY}/f')`, {
      headers: { ...headers, ...(digest === null ? {} : { 'X-RequestDigest': digest }) },
      body: '',
    });
  const digest = await client.freshDigest();
  assert.equal((await make(digest)).status, 201);
  const missing = await make(null);
  assert.equal(missing.status, 403);
  const told = json(missing) as { error: { code: string } };
  assert.equal(told.error.code, '-2130575251, Microsoft.SharePoint.SPException');
  const minimal = json(await make(null, MINIMAL)) as { 'odata.error': { code: string } };
  assert.equal(minimal['odata.error'].code, told.error.code);
  assert.equal((await make(await client.freshDigest(''))).status, 403);
  assert.equal((await make(digest.replace('0x', '0xA'))).status, 403);
  clock.advance(1_799_000);
  assert.equal((await make(digest)).status, 200);
  clock.advance(2_000);
  assert.equal((await make(digest)).status, 403);
});

test('T3.1 with a bearer no digest is needed', async (t) => {
  const client = await clientFor(t);
  const { control, origin } = client.standin;
  const headers = { Authorization: `Bearer ${control.accessToken(origin)}`, ...VERBOSE };
  const path = `${SITE}/_api/web/Folders/AddUsingPath(decodedurl='${LIBRARY}/f')`;
  assert.equal((await client.send('POST', path, { headers, body: '', signedIn: false })).status, 201);
});

test('who I am, which web, which list; Atom for whoever asks for no JSON', async (t) => {
  const client = await clientFor(t);
  assert.deepEqual(json(await client.api('GET', 'web/currentuser?$select=Id')), { Id: 6 });
  assert.equal(json(await client.api('GET', 'web')).ServerRelativeUrl, SITE);
  const list = json(await client.api('GET', `web/GetList('${LIBRARY}')?$select=Id,ItemCount`));
  assert.equal(list.ItemCount, 0);
  const byTitle = json(await client.api('GET', "web/lists/getbytitle('Documents')?$select=Id"));
  assert.equal(byTitle.Id, list.Id);
  const atom = await client.api('GET', 'web', { headers: { Accept: '*/*' } });
  assert.match(String(atom.headers['content-type']), /^application\/atom\+xml/);
  assert.match(atom.text, /<d:ServerRelativeUrl>\/personal\/user_contoso_com<\/d:ServerRelativeUrl>/);
  assert.equal((await client.api('GET', 'web/nonsense')).status, 404);
});
