/** Which installed browser can be driven: Chromium and its kin first, as their driving needs no open port. */
import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { SignInError } from '../../sign-in-error.js';

export interface InstalledBrowser {
  readonly kind: 'chrome' | 'firefox';
  readonly executablePath: string;
  /** Confined by snap: may not write to hidden folders. */
  readonly isSnap: boolean;
}

const CANDIDATES: readonly (readonly [name: string, kind: InstalledBrowser['kind']])[] = [
  ['chromium', 'chrome'],
  ['google-chrome-stable', 'chrome'],
  ['google-chrome', 'chrome'],
  ['microsoft-edge-stable', 'chrome'],
  ['microsoft-edge', 'chrome'],
  ['chromium-browser', 'chrome'],
  ['brave-browser', 'chrome'],
  ['firefox', 'firefox'],
  ['firefox-esr', 'firefox'],
];

export async function findBrowser(
  wanted: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<InstalledBrowser> {
  const folders = (environment.PATH ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(isAbsolute);
  if (wanted !== undefined) return named(wanted, folders);
  for (const [name, kind] of CANDIDATES) {
    const found = await inFolders(name, folders);
    if (found) return { kind, ...found };
  }
  throw new SignInError(
    'unavailable',
    'no Chromium, Chrome, Edge or Firefox is installed here: install one, or use "--method device" or "--method cookies"',
  );
}

async function named(wanted: string, folders: readonly string[]): Promise<InstalledBrowser> {
  const found = isAbsolute(wanted) ? await executable(wanted) : await inFolders(wanted, folders);
  if (!found) throw new SignInError('unavailable', `there is no browser ${wanted}`);
  return { kind: /firefox/i.test(wanted) ? 'firefox' : 'chrome', ...found };
}

type Place = Omit<InstalledBrowser, 'kind'>;

async function inFolders(name: string, folders: readonly string[]): Promise<Place | null> {
  for (const folder of folders) {
    const found = await executable(join(folder, name));
    if (found) return found;
  }
  return null;
}

async function executable(path: string): Promise<Place | null> {
  try {
    await access(path, constants.X_OK);
    const target = await realpath(path);
    return { executablePath: path, isSnap: path.startsWith('/snap/') || target.endsWith('/snap') };
  } catch {
    return null;
  }
}
