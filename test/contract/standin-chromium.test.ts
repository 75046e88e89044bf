/** The sign-in pages of the stand-in, driven by a real browser through every step that a person takes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { missingPrograms } from '../support/programs.js';
import { standinFor } from '../support/standin-sign-in.js';
import { makeTlsFiles } from '../support/tls-files.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM}`;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function browserFor(t: TestContext, more: readonly string[] = []): Promise<Browser> {
  const userDataDir = await mkdtemp(join(tmpdir(), 'standin-chromium-'));
  const browser = await launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...more],
    userDataDir,
  });
  t.after(async () => {
    await browser.close();
    await rm(userDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return browser;
}

async function answer(page: Page, field: string, text: string, button: string): Promise<void> {
  await page.waitForSelector(field);
  await page.type(field, text);
  await press(page, button);
}

async function press(page: Page, button: string): Promise<void> {
  await page.waitForSelector(button);
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

test('a browser signs in by user name, password, MFA code and "stay signed in"', { skip }, async (t) => {
  const standin = await standinFor(t);
  const browser = await browserFor(t);
  const page = await browser.newPage();
  const site = `${standin.origin}/personal/mfa_contoso_com/`;
  await page.goto(site);
  await answer(page, 'input[name=loginfmt]', 'mfa@contoso.com', '#idSIButton9');
  await answer(page, 'input[name=passwd]', STANDIN_PASSWORD, '#idSIButton9');
  await answer(page, 'input[name=otc]', '123456', '#idSubmit_SAOTCC_Continue');
  await page.waitForSelector('#KmsiCheckboxField');
  await page.click('#idSIButton9');
  await page.waitForFunction(`location.pathname === '/personal/mfa_contoso_com'`);
  const names = (await browser.cookies()).map((cookie) => cookie.name);
  for (const name of ['FedAuth', 'rtFa', 'ESTSAUTH', 'ESTSAUTHPERSISTENT'])
    assert.ok(names.includes(name), name);
  assert.ok(!names.some((name) => name.startsWith('nSGt-')));

  standin.control.expire('cookies');
  await page.goto(site);
  await page.waitForFunction(`location.pathname === '/personal/mfa_contoso_com'`);
  assert.equal(standin.control.signIns.count('silent-renewal'), 1);
});

test('a browser confirms a device code', { skip }, async (t) => {
  const standin = await standinFor(t);
  const login = `${standin.origin}/~login/common/oauth2/v2.0`;
  const client_id = '11111111-2222-4333-8444-555555555555';
  const asked = await fetch(`${login}/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ client_id, scope: `${standin.origin}/.default offline_access` }),
  });
  const device = (await asked.json()) as { verification_uri: string; user_code: string; device_code: string };
  const page = await (await browserFor(t)).newPage();
  await page.goto(device.verification_uri);
  await answer(page, 'input[name=otc]', device.user_code, '#idSIButton9');
  await answer(page, 'input[name=loginfmt]', 'federated@contoso.com', '#idSIButton9');
  await answer(page, '#passwordInput', STANDIN_PASSWORD, '#submitButton');
  await page.waitForSelector('#KmsiCheckboxField');
  await press(page, '#idBtn_Back');
  await press(page, '#idSIButton9');
  assert.match(await page.$eval('#message', (element) => element.textContent ?? ''), /You have signed in/);
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const polled = await fetch(`${login}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id, grant_type, device_code: device.device_code }),
  });
  assert.equal(polled.status, 200);
});

const skipOverTls = skip || missingPrograms('openssl');

test('a browser signs in by the names of the service, over TLS and across sites', {
  skip: skipOverTls,
}, async (t) => {
  const names = [
    'contoso-my.sharepoint.com',
    'contoso.sharepoint.com',
    'login.microsoftonline.com',
    'adfs.contoso.com',
  ];
  const tls = makeTlsFiles(names)!;
  const standin = await standinFor(t, { tls });
  const rules = `--host-resolver-rules=MAP * 127.0.0.1:${standin.port}`;
  const page = await (await browserFor(t, [rules, '--ignore-certificate-errors'])).newPage();
  await page.goto('https://contoso-my.sharepoint.com/personal/federated_contoso_com/');
  await answer(page, 'input[name=loginfmt]', 'federated@contoso.com', '#idSIButton9');
  await answer(page, '#passwordInput', STANDIN_PASSWORD, '#submitButton');
  await page.waitForSelector('#KmsiCheckboxField');
  await page.click('#idSIButton9');
  await page.waitForFunction(`location.pathname === '/personal/federated_contoso_com'`);
  const sibling = await page.goto('https://contoso.sharepoint.com/sites/team/');
  assert.equal(sibling?.status(), 200);
  assert.equal(page.url(), 'https://contoso.sharepoint.com/sites/team');
  assert.equal(standin.control.signIns.count('sibling-sign-in'), 1);
  const found = (await page.browser().cookies()).map(({ name, domain }) => `${name} ${domain}`);
  assert.ok(found.includes('FedAuth contoso-my.sharepoint.com'));
  assert.ok(found.includes('rtFa .sharepoint.com'));
});
