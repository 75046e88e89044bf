import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD } from '../../../src/standin/index.js';
import {
  LOGIN,
  MY,
  ROOT,
  readForm,
  SITE,
  SignInClient,
  standinFor,
  USER,
} from '../../support/standin-sign-in.js';

const DAY_MS = 86_400_000;
const site = `http://${MY}${SITE}/`;
const credentials = { upn: USER, password: STANDIN_PASSWORD };

test('T1.10 the browser flow, hop by hop', async (t) => {
  const client = new SignInClient(await standinFor(t));
  const hop1 = await client.send(site);
  assert.equal(hop1.status, 302);
  assert.equal(
    hop1.headers.location,
    `${SITE}/_layouts/15/Authenticate.aspx?Source=%2Fpersonal%2Fuser_contoso_com`,
  );

  const hop2 = await client.send(new URL(hop1.headers.location!, site).href);
  assert.equal(hop2.status, 302);
  assert.match(
    hop2.headers.location!,
    /^\/_forms\/default\.aspx\?ReturnUrl=%2f.*Authenticate\.aspx%3fSource%3d.*&Source=cookie$/,
  );
  assert.match(
    hop2.text,
    /<h2>Object moved to <a href="\/_forms\/default\.aspx\?ReturnUrl=.*&amp;Source=cookie">here<\/a>/,
  );
  assert.equal(hop2.setCookies.length, 1);

  const hop3 = await client.send(new URL(hop2.headers.location!, site).href);
  assert.equal(hop3.status, 302);
  const authorize = hop3.headers.location!;
  assert.match(
    authorize,
    /\/oauth2\/authorize\?client%5Fid=00000003%2D0000%2D0ff1%2Dce00%2D000000000000&response%5Fmode=form%5Fpost/,
  );
  assert.match(
    authorize,
    /redirect%5Furi=http%3A%2F%2Fcontoso%2Dmy%2Esharepoint%2Etest%2F%5Fforms%2Fdefault%2Easpx/,
  );
  assert.ok(client.names(MY).some((name) => name.startsWith('nSGt-')));
  assert.ok(client.names(MY).includes('RpsContextCookie'));

  const userName = await client.send(authorize);
  assert.equal(userName.status, 200);
  assert.match(userName.text, /Sign in to your account/);
  assert.match(userName.text, /name="loginfmt"/);
  const password = await client.submit(userName, { loginfmt: USER });
  assert.match(password.text, /name="passwd"/);
  const stay = await client.submit(password, { passwd: STANDIN_PASSWORD });
  assert.match(stay.text, /name="DontShowAgain"/);
  const working = await client.submit(stay, { LoginOptions: '3' });
  const { action, fields } = readForm(working.text);
  assert.equal(action, `http://${MY}/_forms/default.aspx`);
  assert.deepEqual(Object.keys(fields).sort(), [
    'code',
    'correlation_id',
    'id_token',
    'session_state',
    'state',
  ]);
  assert.equal(fields.id_token!.split('.').length, 3);
  assert.ok(fields.state!.includes('&') && fields.state!.includes('"'));

  const hop5 = await client.submit(working);
  assert.equal(hop5.status, 302);
  assert.match(hop5.headers.location!, /Authenticate\.aspx\?Source=/);
  assert.ok(!client.names(MY).some((name) => name.startsWith('nSGt-')));
  assert.ok(client.names(MY).includes('FedAuth'));
  assert.ok(client.names('.sharepoint.test').includes('rtFa'));
  const hop6 = await client.send(new URL(hop5.headers.location!, site).href);
  assert.equal(hop6.status, 302);
  assert.equal(hop6.headers.location, SITE);
});

test('T1.10 inputs stand in any order', async (t) => {
  const standin = await standinFor(t, { seed: 7 });
  const orders = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const client = new SignInClient(standin);
    let page = await client.browse(site);
    page = await client.submit(page, { loginfmt: USER });
    page = await client.submit(page, { passwd: STANDIN_PASSWORD });
    page = await client.submit(page, { LoginOptions: '3' });
    orders.add(Object.keys(readForm(page.text).fields).join());
  }
  assert.ok(orders.size > 1);
});

test('T1.10 without the cookies of hop 3, hop 5 leads back to the login host', async (t) => {
  for (const lost of ['nSGt', 'RpsContextCookie']) {
    const client = new SignInClient(await standinFor(t));
    let page = await client.browse(site);
    page = await client.submit(page, { loginfmt: USER });
    page = await client.submit(page, { passwd: STANDIN_PASSWORD });
    page = await client.submit(page, { LoginOptions: '3' });
    for (const name of client.names(MY)) if (name.startsWith(lost)) client.jar.get(MY)!.delete(name);
    const hop5 = await client.submit(page);
    assert.equal(hop5.status, 302);
    assert.match(hop5.headers.location!, /\/oauth2\/authorize\?/);
    assert.equal(client.cookie(MY, 'FedAuth'), undefined);
  }
});

test('T1.10 two attempts in one jar: the first cannot be completed any more', async (t) => {
  const client = new SignInClient(await standinFor(t));
  let page = await client.browse(site);
  page = await client.submit(page, { loginfmt: USER });
  page = await client.submit(page, { passwd: STANDIN_PASSWORD });
  await client.browse(site);
  page = await client.submit(page, { LoginOptions: '3' });
  const hop5 = await client.submit(page);
  assert.match(hop5.headers.location!, /\/oauth2\/authorize\?/);
  await client.follow(hop5);
  assert.ok(client.cookie(MY, 'FedAuth'), 'and starts over by itself');
});

test('T1.11 a session without "stay" holds for 24 hours after its last use', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  assert.equal(client.cookie(LOGIN, 'ESTSAUTHPERSISTENT'), undefined);
  for (let round = 0; round < 3; round++) {
    standin.control.clock.advance(0.9 * DAY_MS);
    client.jar.delete(MY);
    client.jar.delete('.sharepoint.test');
    await client.browse(site);
    assert.ok(client.cookie(MY, 'FedAuth'), `renewed silently in round ${round}`);
  }
  assert.equal(standin.control.signIns.count('silent-renewal'), 3);
  standin.control.clock.advance(1.1 * DAY_MS);
  client.jar.delete(MY);
  client.jar.delete('.sharepoint.test');
  assert.match((await client.browse(site)).text, /name="loginfmt"/);
});

test('T1.11 "stay signed in" holds for 90 days, and each use begins them anew', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, { ...credentials, stay: true });
  for (let round = 0; round < 3; round++) {
    standin.control.clock.advance(80 * DAY_MS);
    await client.browse(site);
    assert.equal(standin.control.signIns.count('silent-renewal'), round + 1);
  }
  standin.control.clock.advance(91 * DAY_MS);
  assert.match((await client.browse(site)).text, /name="loginfmt"/);
});

test('T1.11 "do not show this again" spares the question', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  let page = await client.browse(site);
  page = await client.submit(page, { loginfmt: USER });
  page = await client.submit(page, { passwd: STANDIN_PASSWORD });
  await client.follow(await client.submit(page, { LoginOptions: '1', DontShowAgain: 'true' }));
  const other = new SignInClient(standin);
  await other.signIn(site, credentials);
  assert.ok(other.cookie(LOGIN, 'ESTSAUTHPERSISTENT'));
  assert.ok(!other.visited.some((path) => path.endsWith('/kmsi')));
});

test('T1.11 an MFA code is asked for, and a wrong one again', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  let page = await client.signIn(site, { ...credentials, upn: 'mfa@contoso.com' });
  assert.match(page.text, /name="otc"/);
  page = await client.submit(page, { otc: '000000' });
  assert.match(page.text, /name="otc"/);
  page = await client.submit(page, { otc: '123456' });
  assert.match(page.text, /Stay signed in\?/);
  await client.follow(await client.submit(page, { LoginOptions: '3' }));
  assert.ok(client.cookie(MY, 'FedAuth'));
  assert.equal(standin.control.signIns.count('mfa-wrong'), 1);
});

test('T1.11 Conditional Access, missing registration and an unmanaged tenant end on a page', async (t) => {
  const standin = await standinFor(t);
  const expected = { blocked: /53003/, 'mfa-registration': /50079/, unmanaged: /AADSTS65005/ };
  for (const [name, text] of Object.entries(expected)) {
    const page = await new SignInClient(standin).signIn(site, { ...credentials, upn: `${name}@contoso.com` });
    assert.match(page.text, text);
    assert.doesNotMatch(page.text, /Working\.\.\./);
  }
});

test('T1.11 wrong user names and passwords are told on their page, and five wrong passwords lock', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const start = await client.browse(site);
  assert.match((await client.submit(start, { loginfmt: 'nobody@contoso.com' })).text, /id="usernameError"/);
  let page = await client.submit(start, { loginfmt: USER });
  for (let attempt = 0; attempt < 5; attempt++) {
    page = await client.submit(page, { passwd: 'wrong' });
    assert.match(page.text, /50126/);
  }
  assert.match((await client.submit(page, { passwd: STANDIN_PASSWORD })).text, /50053/);
  standin.control.clock.advance(61_000);
  assert.match((await client.submit(page, { passwd: STANDIN_PASSWORD })).text, /Stay signed in\?/);
  assert.equal(standin.control.signIns.count('password-wrong'), 5);
});

test('T1.11 a changed password and a revocation end every session', async (t) => {
  const standin = await standinFor(t);
  standin.control.clock.freeze();
  for (const end of [
    () => standin.control.revoke(USER),
    () => standin.control.setUser(USER, { password: 'the next one' }),
  ]) {
    const client = new SignInClient(standin);
    await client.signIn(site, { ...credentials, stay: true });
    assert.equal((await client.send(`http://${MY}${SITE}/_api/web/currentuser`)).status < 401, true);
    end();
    assert.equal((await client.send(`http://${MY}${SITE}/_api/web/currentuser`)).status, 401);
    assert.match((await client.browse(site)).text, /name="loginfmt"/);
  }
});

test('T1.11 a federated user signs in at ADFS and comes back', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const start = await client.browse(site);
  let page = await client.follow(await client.submit(start, { loginfmt: 'federated@contoso.com' }));
  assert.match(page.url, /adfs\.contoso\.test\/adfs\/ls\//);
  const typed = { UserName: 'federated@contoso.com', Password: 'wrong' };
  page = await client.submit(page, typed);
  assert.match(page.text, /id="errorText"/);
  page = await client.follow(await client.submit(page, { ...typed, Password: STANDIN_PASSWORD }));
  assert.match(page.text, /Stay signed in\?/);
  await client.follow(await client.submit(page, { LoginOptions: '3' }));
  assert.ok(client.cookie(MY, 'FedAuth'));
});

test('T1.12 rtFa alone signs in to a sibling host without the login host', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  await client.signIn(site, credentials);
  client.visited.length = 0;
  await client.browse(`http://${ROOT}/sites/team/`);
  assert.ok(client.cookie(ROOT, 'FedAuth'));
  assert.notEqual(client.cookie(ROOT, 'FedAuth'), client.cookie(MY, 'FedAuth'));
  assert.ok(!client.visited.some((path) => path.startsWith(LOGIN)));
  client.jar.delete(ROOT);
  client.jar.delete(LOGIN);
  standin.control.set({ rtFaRevoked: true });
  assert.match((await client.browse(`http://${ROOT}/sites/team/`)).text, /name="loginfmt"/);
});

test('sign-out takes back the cookies of both hosts, here as well', async (t) => {
  const client = new SignInClient(await standinFor(t));
  await client.signIn(site, { ...credentials, stay: true });
  const fedAuth = client.cookie(MY, 'FedAuth')!;
  await client.browse(`http://${MY}/_layouts/15/SignOut.aspx`);
  assert.equal(client.cookie(MY, 'FedAuth'), undefined);
  assert.equal(client.cookie(LOGIN, 'ESTSAUTHPERSISTENT'), undefined);
  const again = await client.send(`http://${MY}${SITE}/_api/web`, {
    headers: { Cookie: `FedAuth=${fedAuth}` },
  });
  assert.equal(again.status, 401);
});
