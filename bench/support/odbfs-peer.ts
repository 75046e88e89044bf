import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MountedPeer, Peer } from './peer.js';
import { residentMiBOf, run } from './processes.js';
import type { StandinClient } from './standin-client.js';

const PROGRAM = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface OurMount extends MountedPeer {
  readonly pid: number;
  /** How much of the tree is known. */
  tree(): Promise<Status['tree']>;
}

interface Status {
  readonly pid: number;
  readonly tree: { readonly items: number; readonly complete: boolean };
}

interface Special {
  /** Of `odbfs mount`. */
  readonly options?: readonly string[];
  /** Added to the daemon's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface OurPeer extends Peer {
  mount(server: StandinClient, mountpoint: string, stateDirectory: string): Promise<OurMount>;
}

/** This program, as a person uses it: signed in with cookies, mounted in the background. */
export const odbfs = odbfsWith({});

export function odbfsWith(special: Special): OurPeer {
  return {
    name: 'odbfs',
    mount: (server, mountpoint, stateDirectory) => mount(special, { server, mountpoint, stateDirectory }),
  };
}

interface Places {
  readonly server: StandinClient;
  readonly mountpoint: string;
  readonly stateDirectory: string;
}

async function mount(
  { options = [], environment = {} }: Special,
  { server, mountpoint, stateDirectory }: Places,
): Promise<OurMount> {
  const env = environmentIn(stateDirectory);
  const cookieFile = join(stateDirectory, 'cookies.txt');
  writeFileSync(cookieFile, await server.cookies(), { mode: 0o600 });
  const cli = (args: string[], added = {}) => run(process.execPath, [PROGRAM, ...args], { ...env, ...added });
  const status = async () => {
    const told = await cli(['status', '--json']).catch((error) => error.stdout as string);
    return (JSON.parse(told) as { accounts: readonly Status[] }).accounts[0]!;
  };
  const way = ['--method', 'cookies', '--cookies-from', cookieFile];
  await cli(['login', server.url, '--account', 'bench', ...way]);
  await cli(['mount', ...options, 'bench', mountpoint], environment);
  const { pid } = await status();
  return {
    pid,
    tree: async () => (await status()).tree,
    residentMiB: () => residentMiBOf(pid),
    unmount: async () => void (await cli(['unmount', mountpoint])),
  };
}

function environmentIn(directory: string): Record<string, string> {
  const folder = (name: string) => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  return {
    HOME: folder('home'),
    XDG_CONFIG_HOME: folder('config'),
    XDG_STATE_HOME: folder('state'),
    XDG_CACHE_HOME: folder('cache'),
    XDG_RUNTIME_DIR: folder('run'),
  };
}
