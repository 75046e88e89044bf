/** `--method browser` with Firefox, over WebDriver BiDi, where one is installed. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { signIn } from '../../src/sharepoint/auth/index.js';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { authPlace, NEVER_ABORTED, Person, sessionOf } from '../support/auth-place.js';
import { hasProgram } from '../support/programs.js';

const FIREFOX = ['firefox', 'firefox-esr'].find(hasProgram);
const skip = FIREFOX === undefined ? 'not installed: firefox, firefox-esr' : false;

async function answer(page: Page, field: string, text: string, button = '#idSIButton9'): Promise<void> {
  await page.waitForSelector(field);
  await page.type(field, text);
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

test('Firefox: user name, password, MFA code, "Stay signed in": then silent, and nothing remains', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const place = await authPlace(t, {}, 'mfa@contoso.com');
  place.standin.control.clock.unfreeze();
  const { clock: _shared, ...options } = place.options;
  const onPage = async (page: Page) => {
    await answer(page, 'input[name=loginfmt]', 'mfa@contoso.com');
    await answer(page, 'input[name=passwd]', STANDIN_PASSWORD);
    await answer(page, 'input[name=otc]', '123456', '#idSubmit_SAOTCC_Continue');
    await page.waitForSelector('#KmsiCheckboxField');
    await page.click('#idSIButton9');
  };
  const browser = { browser: FIREFOX!, headless: true, onPage };
  const result = await signIn({ method: 'browser' }, new Person(), { ...options, browser }, NEVER_ABORTED);
  assert.deepEqual([result.method, result.renewsItself], ['browser', true]);
  assert.deepEqual((await readdir(place.stateDir)).sort(), ['renewal.lock', 'sign-in.key', 'sign-in.sealed']);
  const session = await sessionOf(t, { ...place, options });
  place.standin.control.expire('cookies');
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  const { signIns } = place.standin.control;
  assert.deepEqual([signIns.count('interactive-sign-in'), signIns.count('silent-renewal')], [1, 1]);
});
