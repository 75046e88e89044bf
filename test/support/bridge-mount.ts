/**
 * The in-memory file system on a bridge, in a process of its own, for tests. A mount that hangs is aborted from a thread
 * after a while, so that a failing test fails instead of hanging. At the end nothing is left, and the process has said
 * nothing on its standard error.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { loadAddon } from '../../src/fuse/addon.js';
import type { SessionOptions } from '../../src/fuse/index.js';
import type { MemoryOptions } from './memory-file-system.js';

const DAEMON = join(import.meta.dirname, 'memory-daemon.js');
/** A busy machine takes minutes for what takes seconds on another. */
const HANGS_AFTER_MS = 240_000;
const NOTED_BEFORE_MS = 1_000;
/** nobody, who is everywhere. */
export const ORDINARY_USER = 65534;

export interface BridgeOptions {
  readonly memory?: Partial<MemoryOptions>;
  readonly session?: Partial<SessionOptions>;
  readonly bridge?: 'native' | 'fuse-native';
  readonly asOrdinaryUser?: boolean;
  /** What the process is expected to say on standard error. */
  readonly complaints?: RegExp;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface DaemonStatistics {
  readonly lookups: number;
  readonly nodes: number;
  readonly handles: number;
  readonly pending: number;
  readonly bugs: number;
  readonly interrupted: number;
  readonly openHandles: number;
  readonly rssBytes: number;
  readonly descriptors: number;
  readonly requests: number;
  readonly notificationsSent: number;
  readonly notificationsWaiting: number;
  readonly cpuMs: number;
}

export class BridgeMount {
  readonly path: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<number | null>;
  #complaints = '';
  #disarm: () => void = () => undefined;
  #hung = false;

  private constructor(path: string, options: BridgeOptions) {
    this.path = path;
    const { memory, session, bridge = 'native' } = options;
    const as = options.asOrdinaryUser === true ? { uid: ORDINARY_USER, gid: ORDINARY_USER } : {};
    this.#child = spawn(process.execPath, [DAEMON, path, JSON.stringify({ memory, session, bridge })], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
      cwd: '/',
      ...as,
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Mounted, and taken away at the end of the test. */
  static async start(context: TestContext, options: BridgeOptions = {}): Promise<BridgeMount> {
    const mount = await BridgeMount.startAt(mkdtempSync(join(tmpdir(), 'odbfs-bridge-')), options);
    context.after(async () => {
      await mount.stop();
      assert.equal(mount.#hung, false, 'it hung, and went on only because the test ended the connection');
      assert.match(mount.complaints, options.complaints ?? /^$/);
      rmdirSync(mount.path);
    });
    return mount;
  }

  static async startAt(path: string, options: BridgeOptions): Promise<BridgeMount> {
    if (options.asOrdinaryUser === true) {
      await chmod('/dev/fuse', 0o666);
      // A dead mount of theirs may lie there: then it is theirs already.
      await chown(path, ORDINARY_USER, ORDINARY_USER).catch(() => undefined);
    }
    const mount = new BridgeMount(path, options);
    const first = await mount.#answers.next();
    assert.equal(first.value, 'ready', `the mount did not begin: ${mount.#complaints}`);
    const connection = connectionOf(path);
    mount.#watch(`/sys/fs/fuse/connections/${connection}/abort`);
    return mount;
  }

  #watch(abortPath: string): void {
    const disarm = loadAddon().armWatchdog(abortPath, HANGS_AFTER_MS);
    const noted = setTimeout(() => {
      this.#hung = true;
    }, HANGS_AFTER_MS - NOTED_BEFORE_MS);
    this.#disarm = () => {
      clearTimeout(noted.unref());
      disarm();
    };
  }

  get pid(): number {
    return this.#child.pid!;
  }
  get complaints(): string {
    return this.#complaints;
  }
  get isMounted(): boolean {
    return connectionOf(this.path) !== null;
  }

  async tell<Answer = unknown>(...command: readonly string[]): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value } = await this.#answers.next();
    return JSON.parse(value) as Answer;
  }

  statistics(): Promise<DaemonStatistics> {
    return this.tell('statistics');
  }

  /** The exit code. */
  async signal(name: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(name);
    const code = await this.#exited;
    this.#disarm();
    return code;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.signal('SIGTERM');
    this.#disarm();
  }
}

/** The number of the connection that is mounted there, out of the kernel's list. */
export function connectionOf(path: string): string | null {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const line = lines.reverse().find((entry) => entry.split(' ')[4] === path);
  return line?.split(' ')[2]?.split(':')[1] ?? null;
}
