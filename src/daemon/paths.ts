/**
 * Where everything lives, by the XDG rules: configuration, what is precious (state), what may be deleted (cache), and
 * the control socket. Folders are made 0700. Where there is no runtime folder (no login session), one of our own in
 * the temporary folder, which nobody else may have made.
 */
import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makeFolders } from '../base/index.js';
import { Failure } from './failure.js';

const APPLICATION = 'odbfs';
/** sun_path holds 108 bytes, one of them the final zero. */
const LONGEST_SOCKET_PATH = 107;

export interface Paths {
  readonly configFile: string;
  /** What we owe, what was set here, the sealed sign-in. */
  state(account: string): string;
  /** What all accounts share: above their state folders. */
  readonly shared: string;
  /** Gone after a restart of the machine, and often at the end of the person's session. */
  readonly runtime: string;
  /** May be deleted at any time. */
  cache(account: string): string;
  /** The control socket of an account's daemon. */
  socket(account: string): string;
}

export interface PathsEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number;
  readonly temporary: string;
}

export function pathsEnvironment(): PathsEnvironment {
  return { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0, temporary: tmpdir() };
}

export function pathsFrom(environment: PathsEnvironment = pathsEnvironment()): Paths {
  const { env, home } = environment;
  const configHome = folderOf(env.XDG_CONFIG_HOME, join(home, '.config'));
  const stateHome = folderOf(env.XDG_STATE_HOME, join(home, '.local', 'state'));
  const cacheHome = folderOf(env.XDG_CACHE_HOME, join(home, '.cache'));
  const own = join(environment.temporary, `${APPLICATION}-${environment.uid}`);
  const runtime = isUsable(env.XDG_RUNTIME_DIR) ? join(env.XDG_RUNTIME_DIR, APPLICATION) : own;
  return {
    configFile: join(configHome, APPLICATION, 'config.toml'),
    state: (account) => join(stateHome, APPLICATION, account),
    shared: join(stateHome, APPLICATION),
    runtime,
    cache: (account) => join(cacheHome, APPLICATION, account),
    socket: (account) => shortEnough(join(runtime, `${account}.sock`), own),
  };
}

/** Makes a folder, with what is above it, for nobody but us; refuses what is none, or somebody else's. */
export function makePrivateFolder(path: string, fix = 'remove it, or set XDG_RUNTIME_DIR'): string {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) makeFolders(path, 0o700);
  if (isForeign(path)) throw new Failure('failed', `${path} is not a folder of yours: ${fix}`);
  return path;
}

/** Something is there that is no folder, or somebody else's. */
export function isForeign(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  return !found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid);
}

/** The XDG rules: a relative path is to be ignored. */
function folderOf(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : fallback;
}

function isUsable(runtime: string | undefined): runtime is string {
  if (runtime === undefined || !isAbsolute(runtime)) return false;
  return lstatSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true;
}

function shortEnough(path: string, fallbackFolder: string): string {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  return join(fallbackFolder, `${createHash('sha256').update(path).digest('hex').slice(0, 24)}.sock`);
}
