/**
 * Every way to sign in, from nothing to a mounted folder and out again, under the service's own names and TLS, with a
 * person at a real browser where one is needed.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, type Page } from 'puppeteer-core';
import { eventually, expectDone } from '../support/cli-account.js';
import { lastFirst } from '../support/last-first.js';
import { REAL_SITE, realNamesMissing } from '../support/real-names.js';
import { SignInDesk } from '../support/sign-in-desk.js';
import {
  answerPages,
  CHROMIUM,
  CHROMIUM_FLAGS,
  nobodyAtTheBrowser,
  personsBrowser,
} from '../support/web-person.js';

const skip = realNamesMissing('curl') || nobodyAtTheBrowser;
const CLIENT = '--client-id 11111111-2222-3333-4444-555555555555 --tenant contoso.com';

function isAt(hostname: string): (page: Page) => boolean {
  return (page) => URL.canParse(page.url()) && new URL(page.url()).hostname === hostname;
}

test('password, where a server still takes it', { skip, timeout: 300_000 }, async (t) => {
  const desk = await SignInDesk.open(t, { legacyAuth: true });
  expectDone(
    await desk.run(
      '$ODBFS login "$SITE" --account contoso --username user@contoso.com --password-stdin < "$H/password"',
    ),
  );
  await desk.assertWorks();
});

test('browser: a window, user name, password, "stay signed in", and nothing of the window remains', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const desk = await SignInDesk.open(t);
  const flags = ['--headless=new', '--remote-debugging-port=0', ...CHROMIUM_FLAGS].join(' ');
  desk.program('chromium', `exec ${CHROMIUM} ${flags} "$@"`);
  const signingIn = desk.run('DISPLAY=:0 $ODBFS login "$SITE" --account contoso');
  const state = join(desk.home.folder, 'state', 'odbfs', 'contoso');
  const portFile = () => {
    const profile = existsSync(state)
      ? readdirSync(state).find((name) => /^sign-in-browser-/.test(name))
      : undefined;
    return profile === undefined ? '' : join(state, profile, 'DevToolsActivePort');
  };
  await eventually(
    async () => existsSync(portFile()) && readFileSync(portFile(), 'utf8').includes('\n'),
    30_000,
  );
  const [port, path] = readFileSync(portFile(), 'utf8').split('\n');
  const window = await connect({ browserWSEndpoint: `ws://127.0.0.1:${port}${path}` });
  await eventually(async () => (await window.pages()).length > 0);
  const [page] = await window.pages();
  await answerPages(page!, desk.person, () => !window.connected);
  expectDone(await signingIn);
  assert.deepEqual(
    readdirSync(state).filter((name) => /browser/.test(name)),
    [],
  );
  await desk.assertWorks();
  assert.ok(desk.names.standin.control.signIns.count('silent-renewal') >= 1);
});

test('device: a code on the terminal, typed in a browser elsewhere', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const desk = await SignInDesk.open(t, { deviceIntervalSeconds: 1 });
  const signingIn = desk.run(`$ODBFS login "$SITE" --account contoso --method device ${CLIENT} 2> "$H/said"`);
  const [, address, code] = await desk.said('said', /Open (\S+) in a browser.* code (\S+)/);
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(address!);
  let isDone = false;
  void signingIn.then(() => {
    isDone = true;
  });
  await answerPages(page, { ...desk.person, deviceCode: code! }, () => isDone);
  expectDone(await signingIn);
  await desk.assertWorks();
});

test("code: the person's own browser comes back to loopback, with PKCE", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const desk = await SignInDesk.open(t);
  desk.program('xdg-open', 'printf "%s\\n" "$1" > "$H/opened"');
  const signingIn = desk.run(`DISPLAY=:0 $ODBFS login "$SITE" --account contoso --method code ${CLIENT}`);
  const [address] = await desk.said('opened', /^https:\S+(?=\n)/);
  const asked = new URL(address).searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.match(asked.get('redirect_uri')!, /^http:\/\/localhost:\d+$/);
  assert.ok(asked.get('state')!.length >= 32);
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(address);
  await answerPages(page, desk.person, isAt('localhost'));
  assert.match(await page.content(), /You can close this window/);
  expectDone(await signingIn);
  await desk.assertWorks();
});

test('cookies: an export of a browser elsewhere', { skip, timeout: 300_000 }, async (t) => {
  const desk = await SignInDesk.open(t);
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(`${REAL_SITE}/`);
  await answerPages(page, desk.person, isAt(new URL(REAL_SITE).hostname));
  writeFileSync(join(desk.home.folder, 'export.json'), JSON.stringify(await browser.cookies()));
  expectDone(await desk.run('$ODBFS login "$SITE" --account contoso --cookies-from "$H/export.json"'));
  await desk.assertWorks();
  assert.ok(desk.names.standin.control.signIns.count('silent-renewal') >= 1);
});

test('a team site on the other host needs no second sign-in; both are mounted, and the one outlives the other', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const desk = await SignInDesk.open(t);
  const { control } = desk.names.standin;
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(`${REAL_SITE}/`);
  await answerPages(page, desk.person, isAt(new URL(REAL_SITE).hostname));
  writeFileSync(join(desk.home.folder, 'export.json'), JSON.stringify(await browser.cookies()));
  expectDone(await desk.run('$ODBFS login "$SITE" --account contoso --cookies-from "$H/export.json"'));
  const team = await desk.run('$ODBFS login https://contoso.sharepoint.com/sites/team --account team');
  assert.match(team.err, /with the sign-in of another account of the same tenant/);
  lastFirst(t, () => desk.run('$ODBFS unmount --now "$H/team" || true'));
  expectDone(await desk.run('$ODBFS mount contoso "$M"; $ODBFS mount team "$H/team"'));
  expectDone(await desk.run('echo mine > "$M/a"; echo ours > "$H/team/b"; $ODBFS flush; $ODBFS status'));
  assert.equal((await control.drive('/sites/team').read('b')).toString(), 'ours\n');
  expectDone(await desk.run('$ODBFS unmount contoso; $ODBFS logout contoso'));
  control.expire('cookies');
  expectDone(await desk.run('echo still > "$H/team/c"; $ODBFS flush; $ODBFS login --check --account team'));
  assert.equal((await control.drive('/sites/team').read('c')).toString(), 'still\n');
  expectDone(await desk.run('$ODBFS unmount team; $ODBFS logout team'));
  assert.equal((await desk.run('$ODBFS accounts')).out.split('\n').length, 3);
  assert.equal(control.signIns.count('interactive-sign-in'), 1);
});
