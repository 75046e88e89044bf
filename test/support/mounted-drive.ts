/**
 * A drive of the stand-in, mounted by the program as a person would, for tests that use it with real tools. Every command
 * runs in a process of its own with a time limit: the test never touches the mount itself. At the end the mount is gone
 * whatever happened, the stand-in is well, and the daemon has warned of nothing unexpected.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ACCOUNT, CliAccount, eventually, expectDone, isMounted } from './cli-account.js';
import type { Outcome } from './cli-run.js';
import { lastFirst } from './last-first.js';
import type { StandinChild } from './standin-child.js';

const COMMAND_LIMIT_SECONDS = 60;
/** Of the stand-in: no fault that a test turned on is left. */
export const WELL = {
  throttleNext: 0,
  unavailableNext: 0,
  dropNext: 0,
  completeThenDropNext: 0,
  resetBodiesNext: 0,
  spuriousUnauthorizedEvery: 0,
  failNext: 0,
};
const WARNING_LEVELS = ['warn', 'error', 'fatal'];

export interface RemoteEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modifiedMs: number;
  readonly version: number;
  readonly id: string;
  readonly sha256?: string;
}

type Context = { after(clean: () => Promise<void> | void): void };

export interface MountedOptions {
  /** After `-o`. */
  readonly options?: readonly string[];
  readonly switches?: Readonly<Record<string, unknown>>;
  /** Warnings of the daemon that the test provokes. */
  readonly warnings?: RegExp;
}

export class MountedDrive {
  readonly #account: CliAccount;
  readonly #given: MountedOptions;
  /** A local folder beside the mount, `$L` in commands. */
  readonly local: string;

  private constructor(account: CliAccount, given: MountedOptions) {
    this.#account = account;
    this.#given = given;
    this.local = join(account.home.folder, 'local');
    mkdirSync(this.local);
  }

  static async start(context: Context, given: MountedOptions = {}): Promise<MountedDrive> {
    const account = await CliAccount.signedIn(context);
    if (given.switches !== undefined) await account.server.control('switches', { switches: given.switches });
    const drive = new MountedDrive(account, given);
    lastFirst(context, () => drive.#expectWell());
    lastFirst(context, () => drive.#takeAway());
    await drive.mount();
    return drive;
  }

  get server(): StandinChild {
    return this.#account.server;
  }

  /** `$M` in commands, which start there. */
  get mountpoint(): string {
    return this.#account.mountpoint;
  }

  get account(): CliAccount {
    return this.#account;
  }

  async mount(): Promise<void> {
    await this.#account.mount(this.#given.options);
  }

  /** Waits until the server has everything, as `odbfs unmount` does. */
  async unmount(limitSeconds = 300): Promise<void> {
    expectDone(
      await this.#account.home.here(['unmount', this.mountpoint, '--timeout', String(limitSeconds)]),
    );
  }

  async remount(): Promise<void> {
    await this.unmount();
    await this.mount();
  }

  /** `kill -9` of the daemon. What it leaves behind is for the next mount to clear away. */
  async kill(): Promise<void> {
    const { pid } = await this.#account.status();
    if (pid === null) throw new Error('there is no daemon to kill');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => !isAlive(pid));
  }

  async flush(): Promise<void> {
    expectDone(await this.#account.home.here(['flush', this.mountpoint, '--timeout', '60']));
  }

  /** Runs a bash script in the mount; its output. Throws with what it said when it fails or takes too long. */
  async shell(script: string, limitSeconds = COMMAND_LIMIT_SECONDS): Promise<string> {
    const { code, out, err } = await this.attempt(script, limitSeconds);
    if (code === 124) throw new Error(`took longer than ${limitSeconds} s: ${script}\n${out}\n${err}`);
    if (code !== 0) throw new Error(`exit ${code}: ${script}\n${out}\n${err}`);
    return out;
  }

  attempt(script: string, limitSeconds = COMMAND_LIMIT_SECONDS): Promise<Outcome> {
    const words = ['-k', '5', String(limitSeconds), 'bash', '-euo', 'pipefail', '-c', `cd "$M"; ${script}`];
    const env = { ...process.env, HOME: this.local, M: this.mountpoint, L: this.local, LC_ALL: 'C.UTF-8' };
    const child = spawn('timeout', words, { cwd: this.local, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    });
  }

  /** While it is not mounted: what is cached is lost, as it may be at any time. */
  forgetContent(): void {
    rmSync(join(this.#account.home.folder, 'cache', 'odbfs'), { recursive: true });
  }

  /** Everything in the drive as the server has it. */
  tree(): Promise<RemoteEntry[]> {
    return this.server.control<RemoteEntry[]>('tree', { hash: true });
  }

  async remote(path: string): Promise<RemoteEntry> {
    const found = (await this.tree()).find((entry) => entry.path === path);
    if (found === undefined) throw new Error(`the server has no ${path}`);
    return found;
  }

  /** How many requests the server got since it was last asked to forget them. */
  async requests(): Promise<number> {
    return (await this.server.control<{ total: number }>('counts')).total;
  }

  async forgetRequests(): Promise<void> {
    await this.server.control('clear-log');
  }

  async turn(switches: Readonly<Record<string, unknown>>): Promise<void> {
    await this.server.control('switches', { switches });
  }

  /** Nothing in the drive and in the local folder, a good line and a server that is well. */
  async clear(): Promise<void> {
    await this.turn({ ...WELL, latencyMs: 0, fedAuthSeconds: 86_400 });
    await this.shell('find "$M" "$L" -mindepth 1 -maxdepth 1 -exec rm -rf {} +');
    await this.flush();
  }

  get stateDir(): string {
    return join(this.#account.home.folder, 'state', 'odbfs', ACCOUNT);
  }

  /** What the daemon logged at warning or above. */
  warnings(): string[] {
    const file = join(this.stateDir, 'daemon.log');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '' && isWarning(line));
  }

  async #expectWell(): Promise<void> {
    const bugs = await this.server.control<string[]>('bugs');
    if (bugs.length > 0) throw new Error(`the stand-in failed:\n${bugs.join('\n')}`);
    const unexpected = this.warnings().filter((line) => this.#given.warnings?.test(line) !== true);
    if (unexpected.length > 0) throw new Error(`the daemon warned:\n${unexpected.slice(0, 10).join('\n')}`);
  }

  async #takeAway(): Promise<void> {
    const { pid } = await this.#account.status();
    await this.#account.takeAway();
    if (!isMounted(this.mountpoint)) return;
    if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL');
    spawn('umount', ['-l', this.mountpoint], { stdio: 'ignore' });
    await eventually(async () => !isMounted(this.mountpoint));
    throw new Error(`${this.mountpoint} was still mounted after unmount --now`);
  }
}

type Limits = { readonly timeout?: number; readonly skip?: string | false };

/** Tests of one file that share a mount; each finds the drive empty. */
export function sharedDrive(given: MountedOptions = {}) {
  let drive: MountedDrive;
  const cleans: (() => Promise<void> | void)[] = [];
  before(async () => {
    drive = await MountedDrive.start({ after: (clean) => cleans.push(clean) }, given);
  });
  after(async () => {
    for (const clean of cleans) await clean();
  });
  return (name: string, limits: Limits, body: (drive: MountedDrive) => Promise<void>) =>
    test(name, limits, async () => {
      try {
        await body(drive);
      } finally {
        await drive.clear();
      }
    });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

function isWarning(line: string): boolean {
  try {
    return WARNING_LEVELS.includes((JSON.parse(line) as { level: string }).level);
  } catch {
    // A crash writes plain text.
    return true;
  }
}
