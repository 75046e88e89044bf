import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MountedPeer, Peer } from './peer.js';
import { residentMiBOf, run } from './processes.js';
import type { StandinClient } from './standin-client.js';

const PROGRAM = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** This program, as a person uses it: signed in with cookies, mounted in the background. */
export const odbfs = odbfsWith([]);

export interface OurMount extends MountedPeer {
  readonly pid: number;
}

/** `options`: of `odbfs mount`. */
export function odbfsWith(options: readonly string[]): OurPeer {
  return {
    name: 'odbfs',
    mount: (server, mountpoint, stateDirectory) => mount(options, { server, mountpoint, stateDirectory }),
  };
}

interface OurPeer extends Peer {
  mount(server: StandinClient, mountpoint: string, stateDirectory: string): Promise<OurMount>;
}

interface Places {
  readonly server: StandinClient;
  readonly mountpoint: string;
  readonly stateDirectory: string;
}

async function mount(
  options: readonly string[],
  { server, mountpoint, stateDirectory }: Places,
): Promise<OurMount> {
  const env = environmentIn(stateDirectory);
  const cookieFile = join(stateDirectory, 'cookies.txt');
  writeFileSync(cookieFile, await server.cookies(), { mode: 0o600 });
  const cli = (...args: string[]) => run(process.execPath, [PROGRAM, ...args], env);
  await cli('login', server.url, '--account', 'bench', '--method', 'cookies', '--cookies-from', cookieFile);
  await cli('mount', ...options, 'bench', mountpoint);
  const status = JSON.parse(await cli('status', '--json').catch((error) => error.stdout)) as {
    accounts: { pid: number }[];
  };
  const { pid } = status.accounts[0]!;
  return {
    pid,
    residentMiB: () => residentMiBOf(pid),
    unmount: async () => void (await cli('unmount', mountpoint)),
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
