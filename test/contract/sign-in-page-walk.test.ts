/** Login hosts that misbehave: where the walk must not go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockAgent } from 'undici';
import { silentLog } from '../../src/base/index.js';
import { AccountJar } from '../../src/sharepoint/auth/account-jar.js';
import { LoginClient } from '../../src/sharepoint/auth/login-client.js';
import { PasswordBreaker } from '../../src/sharepoint/auth/methods/password-breaker.js';
import { walkSignIn } from '../../src/sharepoint/auth/renewals/page-walk.js';
import { signInDoor } from '../../src/sharepoint/auth/sign-in-door.js';
import { SiteAddress } from '../../src/sharepoint/auth/site-address.js';
import { PasswordLedger } from '../../src/sharepoint/auth/store/password-ledger.js';
import { NEVER_ABORTED } from '../support/auth-place.js';
import { FakeClock } from '../support/fake-clock.js';

const MY = 'https://contoso-my.sharepoint.com';
const LOGIN = 'https://login.microsoftonline.com';
const START = new URL(`${MY}/personal/user_contoso_com/`);

type Headers = Record<string, string | string[]>;
type Answers = Readonly<Record<string, { status: number; headers?: Headers; body?: string }>>;

const LOGIN_COOKIES = ['ESTSAUTHPERSISTENT=login-secret; path=/; secure'];

/** Answers by `METHOD URL`; anything else is a failed connection. */
async function walk(answers: Answers, loginCookies: readonly string[] = LOGIN_COOKIES) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const bodies: string[] = [];
  for (const [key, { status, headers = {}, body = '' }] of Object.entries(answers)) {
    const [method, address] = key.split(' ') as [string, string];
    const url = new URL(address);
    agent
      .get(url.origin)
      .intercept({ path: url.pathname + url.search, method })
      .reply(
        status,
        (sent) => {
          bodies.push(String(sent.body ?? ''));
          return body;
        },
        { headers },
      );
  }
  const clock = new FakeClock();
  clock.sleep = () => Promise.resolve();
  const jar = new AccountJar(clock);
  jar.absorb(new URL(LOGIN), loginCookies);
  const client = new LoginClient({ clock, log: silentLog, dispatcher: agent });
  const attempt = {
    site: new SiteAddress(START.href),
    client,
    passwords: new PasswordBreaker(new PasswordLedger('/nowhere/ledger'), '/nowhere/ledger.lock'),
    clock,
    log: silentLog,
    userAgent: 'x',
    signal: NEVER_ABORTED,
  };
  const loginUrl = await walkSignIn({ attempt, jar, loginUrl: LOGIN }, START);
  return { jar, bodies, loginUrl };
}

function redirect(location: string): { status: number; headers: Headers } {
  return { status: 302, headers: { location } };
}

const AUTHORIZE = `${LOGIN}/tenant/oauth2/authorize?client%5Fid=1`;

function page(
  action: string,
  fields = `<input value='a&amp;b"&#39;' type=hidden name="id_token"><input name=state type="hidden" value="s&#x2B;">`,
) {
  const body = `<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="${action}">${fields}<noscript><p>Script is disabled.</p><input type="submit" value="Submit"/></noscript></form></body></html>`;
  return { status: 200, body };
}

test('every hidden field is posted, un-escaped, in order, to the form of the site', async () => {
  const { jar, bodies } = await walk({
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: page(`${MY}/_forms/default.aspx?a=1&amp;b=2`),
    [`POST ${MY}/_forms/default.aspx?a=1&b=2`]: {
      status: 302,
      headers: { location: '/', 'set-cookie': 'FedAuth=new; path=/; secure' },
    },
  });
  assert.equal(bodies.at(-1), new URLSearchParams({ id_token: 'a&b"\'', state: 's+' }).toString());
  assert.equal(jar.value(START, 'FedAuth'), 'new');
});

const STRAY: Record<string, Answers> = {
  'a redirect to a foreign host': { [`GET ${START}`]: redirect('https://evil.com/tenant/oauth2/authorize') },
  'a redirect to a look-alike': {
    [`GET ${START}`]: redirect('https://login.microsoftonline.com.evil.com/x'),
  },
  'a redirect into the clear': {
    [`GET ${START}`]: redirect('http://login.microsoftonline.com/tenant/oauth2/authorize'),
  },
  'a form for a foreign host': {
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: page('https://evil.com/_forms/default.aspx'),
  },
  'a form for a sibling host': {
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: page('https://contoso.sharepoint.com/_forms/default.aspx'),
  },
  'a form in the clear': {
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: page(`http://contoso-my.sharepoint.com/_forms/default.aspx`),
  },
  'a page that asks for a password': {
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: page(
      `${MY}/_forms/default.aspx`,
      '<input type="hidden" name="code" value="1"><input type="password" name="passwd">',
    ),
  },
  'a page without a form': {
    [`GET ${START}`]: redirect(AUTHORIZE),
    [`GET ${AUTHORIZE}`]: { status: 200, body: '<html>$Config={"urlPost":"/kmsi"}</html>' },
  },
};

const NO_SESSION = { status: 403, headers: { 'x-msdavext_error': '917656; Access+denied' } };
STRAY['a site that tells pages, too, only that there is no session (917656)'] = {
  [`GET ${START}`]: NO_SESSION,
  [`GET ${signInDoor(START)}`]: NO_SESSION,
};

for (const [what, answers] of Object.entries(STRAY)) {
  test(`${what} needs a person, and nothing is sent there`, async () => {
    await assert.rejects(walk(answers), { kind: 'person-needed' });
  });
}

test('an error that the login host posts back is told by its code', async () => {
  const fields =
    '<input type=hidden name=error value=interaction_required><input type=hidden name=error_description value="AADSTS50076: Due to...">';
  await assert.rejects(
    walk({
      [`GET ${START}`]: redirect(AUTHORIZE),
      [`GET ${AUTHORIZE}`]: page(`${MY}/_forms/default.aspx`, fields),
    }),
    { kind: 'mfa-needed' },
  );
});

test('a fault of the login host is no reason to bother a person', async () => {
  await assert.rejects(
    walk({ [`GET ${START}`]: redirect(AUTHORIZE), [`GET ${AUTHORIZE}`]: { status: 503 } }),
    {
      kind: 'unreachable',
    },
  );
  await assert.rejects(walk({ [`GET ${START}`]: redirect(AUTHORIZE) }), { kind: 'unreachable' });
});

test('a login host that is not reached, and knows nothing of us, would want to see a person', async () => {
  await assert.rejects(walk({ [`GET ${START}`]: redirect(AUTHORIZE) }, []), { kind: 'person-needed' });
  await assert.rejects(walk({}, []), { kind: 'unreachable' }, 'the site itself is asked again');
});

test('too many requests: the pause that is asked for is told on, and no person', async () => {
  const throttled = { status: 429, headers: { 'retry-after': '120' } };
  for (const answers of [
    { [`GET ${START}`]: throttled },
    { [`GET ${START}`]: redirect(AUTHORIZE), [`GET ${AUTHORIZE}`]: throttled },
  ]) {
    await assert.rejects(walk(answers), {
      kind: 'unreachable',
      message: /asks for a pause/,
      retryAfterMs: 120_000,
    });
  }
});

const MEBIBYTE = 1024 * 1024;

for (const [what, body] of Object.entries({
  'forms without an end': '<form '.repeat(MEBIBYTE / 6),
  'inputs without an end': `<form>${'<input "'.repeat(MEBIBYTE / 8)}</form>`,
  'one word': `<form ${'a'.repeat(MEBIBYTE)}></form>`,
  'quotes alone': `<form><input ${'"'.repeat(MEBIBYTE)}></form>`,
})) {
  test(`a page of ${what} is read in the time that its size takes`, async () => {
    const answers = { [`GET ${START}`]: redirect(AUTHORIZE), [`GET ${AUTHORIZE}`]: { status: 200, body } };
    await assert.rejects(walk(answers), { kind: 'person-needed' });
  });
}

test('a page without an end is left', async () => {
  const body = 'x'.repeat(3 * MEBIBYTE);
  const answers = { [`GET ${START}`]: redirect(AUTHORIZE), [`GET ${AUTHORIZE}`]: { status: 200, body } };
  await assert.rejects(walk(answers), { kind: 'protocol', message: /larger than 2 MiB/ });
});
