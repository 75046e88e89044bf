/**
 * Every way to sign in, from nothing to a mounted folder and out again, under the service's own names and TLS, with a
 * person at a real browser where one is needed.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type Page } from 'puppeteer-core';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { eventually, expectDone } from '../support/cli-account.js';
import { CliHome, MAIN, type Outcome } from '../support/cli-run.js';
import { lastFirst } from '../support/last-first.js';
import { REAL_SITE, RealNames, realNamesMissing } from '../support/real-names.js';
import {
  answerPages,
  CHROMIUM,
  CHROMIUM_FLAGS,
  nobodyAtTheBrowser,
  personsBrowser,
} from '../support/web-person.js';

const skip = realNamesMissing('curl') || nobodyAtTheBrowser;
const CLIENT = '--client-id 11111111-2222-3333-4444-555555555555 --tenant contoso.com';

class Desk {
  readonly names: RealNames;
  readonly home: CliHome;
  readonly #run: (script: string, limitSeconds: number) => Promise<Outcome>;

  private constructor(names: RealNames, home: CliHome, run: Desk['run']) {
    this.names = names;
    this.home = home;
    this.#run = run;
  }

  static async open(t: TestContext, switches: Parameters<typeof RealNames.start>[1] = {}): Promise<Desk> {
    const home = new CliHome(t);
    const names = await RealNames.start(t, switches);
    const room = await names.enter(t);
    const bin = join(home.folder, 'bin');
    mkdirSync(bin);
    const env = {
      ...home.env,
      M: join(home.folder, 'drive'),
      H: home.folder,
      PATH: `${bin}:${process.env.PATH}`,
      ODBFS: `${process.execPath} ${MAIN}`,
      SITE: REAL_SITE,
      PASSWORD: STANDIN_PASSWORD,
    };
    const run = (script: string, limitSeconds = 60) =>
      room(['bash', '-euo', 'pipefail', '-c', script], env, limitSeconds);
    lastFirst(t, () => run('$ODBFS unmount --now "$M" || true'));
    return new Desk(names, home, run);
  }

  /** Puts a program of ours before those of the machine. */
  program(name: string, script: string): void {
    const path = join(this.home.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  run(script: string, limitSeconds = 60): Promise<Outcome> {
    return this.#run(script, limitSeconds);
  }

  /** What a file holds as soon as it matches. */
  async said(name: string, pattern: RegExp): Promise<RegExpExecArray> {
    const path = join(this.home.folder, name);
    const match = () => (existsSync(path) ? pattern.exec(readFileSync(path, 'utf8')) : null);
    await eventually(async () => match() !== null, 30_000);
    return match()!;
  }

  /** Mounted, used over the end of a session, given to curl, and signed out of. */
  async assertWorks(): Promise<void> {
    const { control } = this.names.standin;
    expectDone(await this.run('$ODBFS mount contoso "$M"; echo one > "$M/one.txt"; $ODBFS flush "$M"'));
    control.expire('cookies');
    expectDone(await this.run('echo two > "$M/two.txt"; $ODBFS flush "$M"; cat "$M/one.txt"'));
    assert.equal((await control.drive().read('two.txt')).toString(), 'two\n');
    expectDone(await this.run('$ODBFS login --check --account contoso'));
    const page = await this.run('curl -sSf -H "Cookie: $($ODBFS cookies)" "$SITE/Documents/one.txt"');
    assert.deepEqual([page.out, page.code], ['one\n', 0], page.err);
    expectDone(await this.run('$ODBFS unmount "$M"; $ODBFS logout'));
    assert.equal((await this.run('$ODBFS login --check --account contoso')).code, 3);
    const left = readdirSync(join(this.home.folder, 'state', 'odbfs', 'contoso'));
    assert.deepEqual(
      left.filter((name) => name.startsWith('sign-in')),
      [],
    );
    assert.deepEqual(control.bugs, []);
    assert.equal(control.signIns.count('password-wrong'), 0);
  }
}

function isAt(hostname: string): (page: Page) => boolean {
  return (page) => URL.canParse(page.url()) && new URL(page.url()).hostname === hostname;
}

test('password, where a server still takes it', { skip, timeout: 120_000 }, async (t) => {
  const desk = await Desk.open(t, { legacyAuth: true });
  expectDone(
    await desk.run(
      'printf "%s\\n" "$PASSWORD" | $ODBFS login "$SITE" --account contoso --username user@contoso.com --password-stdin',
    ),
  );
  await desk.assertWorks();
});

test('browser: a window, user name, password, "stay signed in", and nothing of the window remains', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const desk = await Desk.open(t);
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
  const [page] = await window.pages();
  await answerPages(page!, { upn: 'user@contoso.com' }, () => !window.connected);
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
  timeout: 120_000,
}, async (t) => {
  const desk = await Desk.open(t, { deviceIntervalSeconds: 1 });
  const signingIn = desk.run(`$ODBFS login "$SITE" --account contoso --method device ${CLIENT} 2> "$H/said"`);
  const [, address, code] = await desk.said('said', /Open (\S+) in a browser.* code (\S+)/);
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(address!);
  let isDone = false;
  void signingIn.then(() => {
    isDone = true;
  });
  await answerPages(page, { upn: 'user@contoso.com', deviceCode: code! }, () => isDone);
  expectDone(await signingIn);
  await desk.assertWorks();
});

test("code: the person's own browser comes back to loopback, with PKCE", {
  skip,
  timeout: 120_000,
}, async (t) => {
  const desk = await Desk.open(t);
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
  await answerPages(page, { upn: 'user@contoso.com' }, isAt('localhost'));
  assert.match(await page.content(), /You can close this window/);
  expectDone(await signingIn);
  await desk.assertWorks();
});

test('cookies: an export of a browser elsewhere', { skip, timeout: 120_000 }, async (t) => {
  const desk = await Desk.open(t);
  const browser = await personsBrowser(t, desk.names.address);
  const page = await browser.newPage();
  await page.goto(`${REAL_SITE}/`);
  await answerPages(page, { upn: 'user@contoso.com' }, isAt(new URL(REAL_SITE).hostname));
  writeFileSync(join(desk.home.folder, 'export.json'), JSON.stringify(await browser.cookies()));
  expectDone(await desk.run('$ODBFS login "$SITE" --account contoso --cookies-from "$H/export.json"'));
  await desk.assertWorks();
  assert.ok(desk.names.standin.control.signIns.count('silent-renewal') >= 1);
});
