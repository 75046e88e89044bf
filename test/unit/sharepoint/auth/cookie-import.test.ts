import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importCookies } from '../../../../src/sharepoint/auth/methods/cookies.js';
import { cookieUrl } from '../../../../src/sharepoint/auth/session-cookies.js';
import { SignInError } from '../../../../src/sharepoint/auth/sign-in-error.js';
import { SiteAddress } from '../../../../src/sharepoint/auth/site-address.js';
import { FakeClock } from '../../../support/fake-clock.js';

const site = new SiteAddress('https://contoso-my.sharepoint.com/personal/user_contoso_com');
const SIBLING = new URL('https://contoso.sharepoint.com/');
const LOGIN = new URL('https://login.microsoftonline.com/');
const clock = new FakeClock();
const later = Math.floor(clock.now() / 1000) + 3_600;

function imported(text: string) {
  return importCookies({ site, clock }, text, site.knownLoginUrl);
}

function assertSignedIn(text: string): void {
  const { jar, complete } = imported(text);
  assert.ok(complete);
  assert.equal(jar.value(cookieUrl(site), 'FedAuth'), '77u/x+y==');
  assert.equal(jar.value(cookieUrl(site), 'rtFa'), 'r+/=');
  assert.equal(jar.value(SIBLING, 'rtFa'), 'r+/=');
  assert.equal(jar.value(SIBLING, 'FedAuth'), null);
}

test('a Netscape cookies.txt', () => {
  assertSignedIn(
    [
      '# Netscape HTTP Cookie File',
      '',
      `#HttpOnly_contoso-my.sharepoint.com\tFALSE\t/\tTRUE\t0\tFedAuth\t77u/x+y==`,
      `#HttpOnly_.sharepoint.com\tTRUE\t/\tTRUE\t${later}\trtFa\tr+/=`,
      `.example.com\tTRUE\t/\tFALSE\t${later}\ttracker\t1`,
    ].join('\r\n'),
  );
});

test('a list as Cookie-Editor and EditThisCookie export it', () => {
  assertSignedIn(
    JSON.stringify([
      {
        domain: 'contoso-my.sharepoint.com',
        hostOnly: true,
        httpOnly: true,
        name: 'FedAuth',
        path: '/',
        sameSite: 'no_restriction',
        secure: true,
        session: true,
        storeId: '0',
        value: '77u/x+y==',
        id: 1,
      },
      {
        domain: '.sharepoint.com',
        expirationDate: later + 0.5,
        hostOnly: false,
        httpOnly: true,
        name: 'rtFa',
        path: '/',
        secure: true,
        session: false,
        value: 'r+/=',
      },
    ]),
  );
});

test('what puppeteer and Playwright save', () => {
  const cookies = [
    {
      name: 'FedAuth',
      value: '77u/x+y==',
      domain: 'contoso-my.sharepoint.com',
      path: '/',
      expires: -1,
      size: 9,
      httpOnly: true,
      secure: true,
      session: true,
    },
    {
      name: 'rtFa',
      value: 'r+/=',
      domain: '.sharepoint.com',
      path: '/',
      expires: later,
      httpOnly: true,
      secure: true,
      sameSite: 'None',
    },
  ];
  assertSignedIn(JSON.stringify(cookies));
  assertSignedIn(JSON.stringify({ cookies, origins: [] }));
});

test('names and values alone', () => {
  assertSignedIn(JSON.stringify({ FedAuth: '77u/x+y==', rtFa: 'r+/=' }));
});

test('a pasted header: bare, named, quoted, wrapped, among others', () => {
  for (const text of [
    'FedAuth=77u/x+y==; rtFa=r+/=',
    'Cookie: rtFa=r+/=; FedAuth=77u/x+y==\n',
    "'cookie: FedAuth=77u/x+y==; rtFa=r+/='",
    'FedAuth=77u/\n  x+y==; rtFa=r+/=',
    'GET / HTTP/1.1\r\nHost: contoso-my.sharepoint.com\r\nCookie: FedAuth=77u/x+y==; rtFa=r+/=\r\nAccept: */*',
  ]) {
    assertSignedIn(text);
  }
});

test('cookies of other sites are left alone; those of the login host are taken', () => {
  const { jar } = imported(
    JSON.stringify([
      { name: 'FedAuth', value: 'a', domain: 'contoso-my.sharepoint.com' },
      { name: 'FedAuth', value: 'b', domain: 'other-my.sharepoint.com' },
      { name: 'SID', value: 'c', domain: '.example.com' },
      { name: 'ESTSAUTHPERSISTENT', value: 'd', domain: 'login.microsoftonline.com' },
    ]),
  );
  assert.deepEqual(jar.values.sort(), ['a', 'd']);
  assert.equal(jar.header(LOGIN), 'ESTSAUTHPERSISTENT=d');
});

test('rtFa or a login cookie alone is a start for a silent renewal', () => {
  assert.equal(imported('rtFa=r').complete, false);
  const login = { name: 'ESTSAUTH', value: 'd', domain: 'login.microsoftonline.com' };
  assert.equal(imported(JSON.stringify([login])).complete, false);
});

test('what can not work is refused with a reason, and never shown', () => {
  for (const text of [
    '',
    'hello',
    '{"a": 1}',
    '[',
    'FedAuth=geheim\u0007x',
    'other=1',
    JSON.stringify([{ name: 'FedAuth', value: 'geheim', domain: 'x.com' }]),
  ]) {
    assert.throws(
      () => imported(text),
      (error) =>
        error instanceof SignInError && error.kind === 'bad-input' && !error.message.includes('geheim'),
      text,
    );
  }
});
