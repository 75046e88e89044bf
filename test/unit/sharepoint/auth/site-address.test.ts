import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudOf, SiteAddress } from '../../../../src/sharepoint/auth/index.js';

const SITE = 'https://contoso-my.sharepoint.com/personal/user_contoso_com';

test('whatever the browser shows leads to the web', () => {
  for (const shown of [
    SITE,
    `${SITE}/`,
    `${SITE}/_layouts/15/onedrive.aspx?id=%2Fpersonal%2Fuser`,
    `${SITE}/Documents/Folder/a.txt`,
    'contoso-my.sharepoint.com/personal/user_contoso_com/Documents/Forms/All.aspx',
  ]) {
    assert.equal(new SiteAddress(shown).webUrl, SITE, shown);
  }
  assert.equal(
    new SiteAddress('https://contoso.sharepoint.com/sites/team/Shared%20Documents').webUrl,
    'https://contoso.sharepoint.com/sites/team',
  );
  assert.equal(new SiteAddress('https://contoso.sharepoint.com/').webUrl, 'https://contoso.sharepoint.com');
});

test('an address in the clear is refused, but for loopback', () => {
  for (const address of [
    'http://contoso-my.sharepoint.com/',
    'ftp://contoso-my.sharepoint.com/',
    'not a url',
    '',
  ]) {
    assert.throws(() => new SiteAddress(address), { kind: 'bad-input' }, address);
  }
  for (const address of ['http://127.0.0.1:8080/personal/u', 'http://localhost:1/', 'http://[::1]:9/'])
    new SiteAddress(address);
});

test('secrets belong to the hosts of the tenant, and to no other', () => {
  const site = new SiteAddress(SITE);
  const owned = ['https://contoso-my.sharepoint.com/x', 'https://contoso.sharepoint.com/sites/team'];
  const foreign = [
    'https://other.sharepoint.com/',
    'https://contoso.sharepoint.com.evil.com/',
    'https://contoso.sharepoint.com:444/',
    'http://contoso.sharepoint.com/',
    'https://sharepoint.com/',
    'https://login.microsoftonline.com/',
  ];
  for (const url of owned) assert.ok(site.owns(new URL(url)), url);
  for (const url of foreign) assert.ok(!site.owns(new URL(url)), url);
});

test('every national cloud has its login host', () => {
  const logins = {
    'a-my.sharepoint.com': 'login.microsoftonline.com',
    'a-my.sharepoint.us': 'login.microsoftonline.us',
    'a-my.sharepoint-mil.us': 'login.microsoftonline.us',
    'a-my.sharepoint.de': 'login.microsoftonline.de',
    'a-my.sharepoint.cn': 'login.partner.microsoftonline.cn',
  };
  for (const [host, login] of Object.entries(logins)) {
    assert.equal(new SiteAddress(`https://${host}/`).knownLoginUrl, `https://${login}`);
  }
  assert.equal(cloudOf('sharepoint.example.com'), null);
  assert.equal(cloudOf('evilsharepoint.com'), null);
});

test('only loopback itself may be asked in the clear', () => {
  for (const host of ['127.0.0.1', 'localhost', 'a.localhost', '[::1]', '127.1.2.3'])
    assert.doesNotThrow(() => new SiteAddress(`http://${host}:8080/personal/u`), host);
  for (const host of ['127.evil.com', '127.0.0.1.evil.com', 'localhost.evil.com', '128.0.0.1'])
    assert.throws(() => new SiteAddress(`http://${host}/personal/u`), { kind: 'bad-input' }, host);
});
