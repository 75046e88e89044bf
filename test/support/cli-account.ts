/** An account of the stand-in, signed in and mounted through the command line, in a home of its own. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountStatus } from '../../src/daemon/index.js';
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { CliHome, MAIN, type Outcome } from './cli-run.js';
import { lastFirst } from './last-first.js';
import { StandinChild } from './standin-child.js';

type Context = { after(clean: () => Promise<void> | void): void };

export const ACCOUNT = 'contoso';
const USER = 'user@contoso.com';

export class CliAccount {
  readonly home: CliHome;
  readonly server: StandinChild;
  readonly mountpoint: string;

  private constructor(home: CliHome, server: StandinChild) {
    this.home = home;
    this.server = server;
    this.mountpoint = join(home.folder, 'drive');
  }

  /** Signed in by password, not mounted. Whatever is mounted at the end of the test is taken away. */
  static async signedIn(context: Context): Promise<CliAccount> {
    const home = new CliHome(context);
    const server = await StandinChild.start(context);
    await server.control('switches', { switches: { legacyAuth: true } });
    const account = new CliAccount(home, server);
    lastFirst(context, () => account.takeAway());
    await account.login();
    return account;
  }

  static async mounted(context: Context, options: readonly string[] = []): Promise<CliAccount> {
    const account = await CliAccount.signedIn(context);
    await account.mount(options);
    return account;
  }

  async login(): Promise<void> {
    const words = ['login', this.server.url, '--account', ACCOUNT, '--username', USER, '--password-stdin'];
    expectDone(await this.home.here(words, `${STANDIN_PASSWORD}\n`));
  }

  async mount(options: readonly string[] = []): Promise<void> {
    const words = options.length === 0 ? [] : ['-o', options.join(',')];
    expectDone(await this.home.run(['mount', ACCOUNT, this.mountpoint, ...words]));
  }

  async status(): Promise<AccountStatus> {
    const { out } = await this.home.here(['status', '--json']);
    return JSON.parse(out).accounts[0];
  }

  /** Whatever is mounted there: nothing is waited for. */
  async takeAway(): Promise<void> {
    if (isMounted(this.mountpoint)) await this.home.here(['unmount', '--now', this.mountpoint]);
  }

  path(name: string): string {
    return join(this.mountpoint, name);
  }

  /** Runs a shell command in the mount, as somebody at a terminal would. */
  shell(command: string): Promise<Outcome> {
    return runShell(command, this.mountpoint);
  }

  /** The daemon in the foreground, as a service manager starts it. */
  foreground(env: Readonly<Record<string, string>> = {}) {
    return spawn(process.execPath, [MAIN, 'mount', '--foreground', ACCOUNT, this.mountpoint], {
      env: { ...this.home.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}

export function isMounted(mountpoint: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${mountpoint} `);
}

export function expectDone({ code, err }: Outcome): void {
  if (code !== 0) throw new Error(`exit ${code}: ${err}`);
}

export function runShell(command: string, folder: string): Promise<Outcome> {
  const child = spawn('timeout', ['60', 'sh', '-c', command], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Asks again and again until the answer is yes; for what happens in other processes. */
export async function eventually(isSo: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
