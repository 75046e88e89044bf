/** `--method browser` for real: Debian's Chromium, without a window, through the pages of the stand-in. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { type SignInOptions, signIn } from '../../src/sharepoint/auth/index.js';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { type AuthPlace, authPlace, NEVER_ABORTED, Person, sessionOf } from '../support/auth-place.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM}`;
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
];
const BROWSER = { method: 'browser' } as const;

async function realTime(t: TestContext, user: string): Promise<AuthPlace> {
  const place = await authPlace(t, {}, user);
  place.standin.control.clock.unfreeze();
  const { clock: _shared, ...options } = place.options;
  return { ...place, options };
}

function withPerson(
  place: AuthPlace,
  onPage: (page: Page) => Promise<void>,
  signal?: SignInOptions,
): SignInOptions {
  return { ...place.options, ...signal, browser: { browser: CHROMIUM, headless: true, args: QUIET, onPage } };
}

async function answer(page: Page, field: string, text: string, button = '#idSIButton9'): Promise<void> {
  await page.waitForSelector(field);
  await page.type(field, text);
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

async function signInAs(page: Page, upn: string): Promise<void> {
  await answer(page, 'input[name=loginfmt]', upn);
  await answer(page, 'input[name=passwd]', STANDIN_PASSWORD);
}

async function stay(page: Page, button: '#idSIButton9' | '#idBtn_Back'): Promise<void> {
  await page.waitForSelector('#KmsiCheckboxField');
  await page.click(button);
}

/** The arguments of every process of this machine. */
async function allArguments(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.join('\n');
}

test('user name, password, MFA code, "Stay signed in": then silent for months, and nothing remains', {
  skip,
}, async (t) => {
  const place = await realTime(t, 'mfa@contoso.com');
  let processes = '';
  const options = withPerson(place, async (page) => {
    await signInAs(page, 'mfa@contoso.com');
    processes = await allArguments();
    await answer(page, 'input[name=otc]', '123456', '#idSubmit_SAOTCC_Continue');
    await stay(page, '#idSIButton9');
  });
  const person = new Person();
  const result = await signIn(BROWSER, person, options, NEVER_ABORTED);
  assert.deepEqual([result.method, result.renewsItself], ['browser', true]);
  assert.match(person.told.join('\n'), /Stay signed in/);
  assert.deepEqual((await readdir(place.stateDir)).sort(), ['renewal.lock', 'sign-in.key', 'sign-in.sealed']);
  assert.match(processes, /chromium/);
  const session = await sessionOf(t, place);
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  place.standin.control.expire('cookies');
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
  const { signIns } = place.standin.control;
  assert.deepEqual([signIns.count('interactive-sign-in'), signIns.count('silent-renewal')], [1, 1]);
  const fresh = await session.freshCookieLine(NEVER_ABORTED);
  for (const secret of [STANDIN_PASSWORD, fresh.slice(8, 60)]) assert.ok(!processes.includes(secret));
});

test('a session that is bound to the browser works from here under its name', { skip }, async (t) => {
  const place = await realTime(t, 'user@contoso.com');
  place.standin.control.switches.sessionBoundTo = 'user-agent';
  const options = withPerson(place, async (page) => {
    await signInAs(page, 'user@contoso.com');
    await stay(page, '#idBtn_Back');
  });
  await signIn(BROWSER, new Person(), options, NEVER_ABORTED);
  const session = await sessionOf(t, place);
  const { headers } = await session.apply(new URL(place.options.siteUrl), NEVER_ABORTED);
  assert.match(headers['user-agent'] ?? '', /Chrome\//);
  place.standin.control.expire('cookies');
  assert.equal((await session.checkSession(NEVER_ABORTED)).state, 'ok');
});

test('a window that is closed too early is a sign-in that was declined', { skip }, async (t) => {
  const place = await realTime(t, 'user@contoso.com');
  const options = withPerson(place, async (page) => {
    await page.waitForSelector('input[name=loginfmt]');
    await page.browser().close();
  });
  await assert.rejects(signIn(BROWSER, new Person(), options, NEVER_ABORTED), {
    kind: 'declined',
    message: /closed/,
  });
  assert.deepEqual(await readdir(place.stateDir), []);
});

test('Ctrl-C closes the window and leaves nothing', { skip }, async (t) => {
  const place = await realTime(t, 'user@contoso.com');
  const stop = new AbortController();
  const options = withPerson(place, async (page) => {
    await page.waitForSelector('input[name=loginfmt]');
    stop.abort(new Error('interrupted'));
  });
  await assert.rejects(signIn(BROWSER, new Person(), options, stop.signal), /interrupted/);
  assert.deepEqual(await readdir(place.stateDir), []);
});

test('a browser that the tenant lets in while it blocks programs: said as what it is', {
  skip,
}, async (t) => {
  const place = await realTime(t, 'user@contoso.com');
  place.standin.control.switches.policyBlock = true;
  const options = withPerson(place, async (page) => {
    await signInAs(page, 'user@contoso.com');
    await stay(page, '#idBtn_Back');
  });
  await assert.rejects(signIn(BROWSER, new Person(), options, NEVER_ABORTED), { kind: 'not-transferable' });
});

test('without a display, or a browser, the message names the other ways', async (t) => {
  const place = await authPlace(t);
  const missing = { ...place.options, browser: { browser: '/nowhere/chromium', headless: true } };
  await assert.rejects(signIn(BROWSER, new Person(), place.options, NEVER_ABORTED), {
    kind: 'unavailable',
    message: /--method device.*--method cookies/,
  });
  await assert.rejects(signIn(BROWSER, new Person(), missing, NEVER_ABORTED), { kind: 'unavailable' });
  await assert.rejects(signIn({ method: 'auto' }, new Person(), place.options, NEVER_ABORTED), {
    kind: 'unavailable',
    message: /--method device.*--method cookies/,
  });
});
