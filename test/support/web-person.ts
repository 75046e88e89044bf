/** A person at a browser of their own: answers whatever the login host's pages ask, as it comes. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { lastFirst } from './last-first.js';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no such person here, or false. */
export const nobodyAtTheBrowser = existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM}`;

export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--ignore-certificate-errors',
] as const;

export interface Answers {
  readonly upn: string;
  readonly password: string;
  /** The code that a device shows. */
  readonly deviceCode?: string;
}

const MFA_CODE = '123456';
const LOOK_EVERY_MS = 150;

/** Sees the service's names at `address`. */
export async function personsBrowser(
  context: { after(clean: () => Promise<void>): void },
  address: string,
): Promise<Browser> {
  const userDataDir = await mkdtemp(join(tmpdir(), 'odbfs-person-'));
  const names = ['*.sharepoint.com', '*.microsoftonline.com', 'adfs.contoso.com'];
  const rules = names.map((name) => `MAP ${name} ${address}`).join(',');
  const browser = await launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [...CHROMIUM_FLAGS, `--host-resolver-rules=${rules}`],
    userDataDir,
  });
  lastFirst(context, async () => {
    await browser.close();
    await rm(userDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return browser;
}

/** Goes on until `isDone`, or throws after minutes: a busy machine takes long to show a page. */
export async function answerPages(
  page: Page,
  answers: Answers,
  isDone: (page: Page) => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + 240_000;
  while (!(await isDone(page))) {
    if (performance.now() > endMs) throw new Error(`stuck at ${page.url()}: ${await page.content()}`);
    // A page may go away while it is looked at.
    await answerOne(page, answers).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function answerOne(page: Page, { upn, password, deviceCode }: Answers): Promise<void> {
  const fields = [
    ['input#otc', deviceCode ?? '', '#idSIButton9'],
    ['input#idTxtBx_SAOTCC_OTC', MFA_CODE, '#idSubmit_SAOTCC_Continue'],
    ['input#i0116', upn, '#idSIButton9'],
    ['input#i0118', password, '#idSIButton9'],
    ['#KmsiCheckboxField', null, '#idSIButton9'],
    ['button[name=answer][value=continue]', null, '#idSIButton9'],
  ] as const;
  for (const [field, text, button] of fields) {
    if ((await page.$(field)) === null) continue;
    if (text !== null) await page.type(field, text);
    await Promise.all([page.waitForNavigation({ timeout: 5_000 }), page.click(button)]);
    return;
  }
}
