import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDIN_PASSWORD, type Standin } from '../../../src/standin/index.js';
import { BROWSER, MY, ROOT, SITE, SignInClient, standinFor, USER } from '../../support/standin-sign-in.js';

const api = `http://${MY}${SITE}/_api/web`;

function fedAuthOf(standin: Standin): string {
  return /FedAuth=([^;]+)/.exec(standin.control.cookies())![1]!;
}

function fieldsOf(value: string): string[] {
  const xml = Buffer.from(value, 'base64').toString('utf8');
  assert.ok(xml.startsWith('\ufeff<?xml version="1.0" encoding="utf-8"?><SP>'));
  return /<SP>(.*)<\/SP>$/.exec(xml)![1]!.split(',');
}

function unixMsOf(fileTime: string): number {
  assert.match(fileTime, /^\d{18}$/);
  return Number(BigInt(fileTime) / 10_000n - 11_644_473_600_000n);
}

async function statusWith(standin: Standin, cookie: string, url = api, userAgent = BROWSER): Promise<number> {
  return (await new SignInClient(standin, userAgent).send(url, { headers: { Cookie: cookie } })).status;
}

test('T1.7 FedAuth in the layouts V5 and V13, the expiry at index 5', async (t) => {
  const standin = await standinFor(t, { switches: { fedAuthSeconds: 30 } });
  standin.control.clock.freeze();
  const nowMs = standin.control.clock.now();
  for (const [layout, count] of [
    ['V5', 20],
    ['V13', 34],
  ] as const) {
    standin.control.set({ fedAuthLayout: layout });
    const value = fedAuthOf(standin);
    assert.ok(value.startsWith('77u/PD94bWwg'));
    const fields = fieldsOf(value);
    assert.equal(fields[0], layout);
    assert.equal(fields.length, count);
    assert.match(fields[1]!, /^0h\.f\|membership\|[\da-f]{16}@live\.com$/);
    assert.equal(fields[2], `0#.f|membership|${USER}`);
    assert.equal(unixMsOf(fields[3]!), nowMs);
    assert.equal(unixMsOf(fields[5]!), nowMs + 30_000);
    assert.match(fields[8]!, /^[\da-f-]{36}$/);
    assert.equal(fields[11], fields[12]);
    assert.ok(Buffer.from(fields.at(-1)!, 'base64').length >= 256);
    if (layout === 'V5') continue;
    assert.equal(fields[20], '2650467743999999999');
    const claims = Object.keys(JSON.parse(Buffer.from(fields[19]!, 'base64').toString()));
    assert.deepEqual(claims.sort(), ['preferred_username', 'uti', 'xms_cc', 'xms_ssm']);
  }
});

test('T1.7 an unknown layout and a cut value tell no expiry, and are good all the same', async (t) => {
  const standin = await standinFor(t, { switches: { fedAuthLayout: 'V99' } });
  const strange = fedAuthOf(standin);
  assert.equal(fieldsOf(strange)[0], 'V99');
  assert.doesNotMatch(fieldsOf(strange)[5]!, /^\d+$/);
  assert.equal(await statusWith(standin, `FedAuth=${strange}`), 200);
  standin.control.set({ fedAuthTruncated: true, fedAuthLayout: 'V13' });
  const cut = fedAuthOf(standin);
  assert.notEqual(cut.length % 4, 0);
  assert.equal(await statusWith(standin, `FedAuth=${cut}`), 200);
});

test('rtFa: binary up to an ampersand, then readable parts without an expiry', async (t) => {
  const standin = await standinFor(t);
  const bytes = Buffer.from(/rtFa=([^;]+)/.exec(standin.control.cookies())![1]!, 'base64');
  assert.equal(bytes[32], 0x26);
  assert.match(
    bytes.subarray(33).toString('latin1'),
    /^[\da-f-]{36}#\d{18}#[\da-f-]{36}#user%40contoso\.com#\d+#[\da-f]{40}/,
  );
});

test('a cookie lasts as long as it says, is good unchanged only, and by expiry or revocation no more', async (t) => {
  const standin = await standinFor(t, { switches: { fedAuthSeconds: 30 } });
  standin.control.clock.freeze();
  const cookies = standin.control.cookies();
  assert.equal(await statusWith(standin, cookies), 200);
  assert.equal(await statusWith(standin, `FedAuth=${encodeURIComponent(fedAuthOf(standin))}`), 401);
  standin.control.clock.advance(29_999);
  assert.equal(await statusWith(standin, cookies), 200);
  standin.control.clock.advance(1);
  assert.equal(await statusWith(standin, cookies), 401);
  const fresh = standin.control.cookies();
  standin.control.expire('cookies');
  assert.equal(await statusWith(standin, fresh), 401);
  const other = standin.control.cookies();
  standin.control.revoke(USER);
  assert.equal(await statusWith(standin, other), 401);
  assert.equal(await statusWith(standin, standin.control.cookies()), 200, 'signing in again helps');
});

test('FedAuth is of one host; what the control gives out is of all', async (t) => {
  const standin = await standinFor(t);
  const cookies = standin.control.cookies();
  assert.equal(await statusWith(standin, cookies), 200);
  assert.equal(await statusWith(standin, cookies, `http://${ROOT}/sites/team/_api/web`), 200);
});

test('a token that the control gives out opens the host that it is for, and no other', async (t) => {
  const standin = await standinFor(t);
  const client = new SignInClient(standin);
  const status = async (url: string, audience: string) => {
    const Authorization = `Bearer ${standin.control.accessToken(audience)}`;
    return (await client.send(url, { headers: { Authorization } })).status;
  };
  const team = `http://${ROOT}/sites/team/_api/web`;
  assert.equal(await status(api, `https://${MY}/`), 200);
  assert.equal(await status(team, `https://${MY}`), 401);
  assert.equal(await status(team, '00000003-0000-0ff1-ce00-000000000000'), 200);
  for (const foreign of ['https://graph.microsoft.com', 'https://example.test', 'nonsense']) {
    assert.equal(await status(api, foreign), 401, foreign);
  }
  const here = `${standin.url}/_api/web`;
  assert.equal(await status(here, standin.origin), 200);
  assert.equal(await status(here, `${standin.origin}/~root`), 401);
});

test('T1.15 a session that was moved to another client is refused with 401 and 917656', async (t) => {
  const standin = await standinFor(t, { switches: { sessionBoundTo: 'user-agent' } });
  const browser = new SignInClient(standin);
  await browser.signIn(`http://${MY}${SITE}/`, { upn: USER, password: STANDIN_PASSWORD });
  const cookies = `FedAuth=${browser.cookie(MY, 'FedAuth')}`;
  assert.equal(await statusWith(standin, cookies), 200);
  const moved = new SignInClient(standin, 'NONISV|odbfs|odbfs/1');
  const refused = await moved.send(api, { headers: { Cookie: cookies } });
  assert.equal(refused.status, 401);
  assert.match(String(refused.headers['x-msdavext_error']), /^917656; /);
  const page = await new SignInClient(standin, 'Mozilla/5.0 another').send(`http://${MY}${SITE}`, {
    headers: { Cookie: cookies },
  });
  assert.equal(page.status, 302, 'a browser may sign in anew');
  standin.control.set({ sessionBoundTo: 'address' });
  assert.equal(await statusWith(standin, cookies, api, 'whatever'), 200, 'the same address');
  assert.equal(await statusWith(standin, standin.control.cookies()), 401, 'made elsewhere');
});
