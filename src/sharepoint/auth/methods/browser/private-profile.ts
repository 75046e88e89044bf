/**
 * A browser profile of our own for one sign-in, removed when it is over; remains of one that was killed are removed at
 * the next. It holds live cookies while it exists: mode 0700, in the account's state directory.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { InstalledBrowser } from './find-browser.js';

const PREFIX = 'sign-in-browser-';

export async function withPrivateProfile<Result>(
  browser: InstalledBrowser,
  stateDir: string,
  work: (profileDir: string) => Promise<Result>,
): Promise<Result> {
  const parent = parentFor(browser, stateDir);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeRemains(parent);
  const profileDir = await mkdtemp(join(parent, PREFIX));
  try {
    return await work(profileDir);
  } finally {
    await remove(profileDir);
  }
}

/** A snap may write below `~/snap/NAME/common` only. */
function parentFor({ isSnap, executablePath }: InstalledBrowser, stateDir: string): string {
  return isSnap ? join(homedir(), 'snap', basename(executablePath), 'common') : stateDir;
}

async function removeRemains(parent: string): Promise<void> {
  const names = await readdir(parent);
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX)).map((name) => remove(join(parent, name))),
  );
}

/** A browser's helpers may write a moment longer than it lives. */
function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
