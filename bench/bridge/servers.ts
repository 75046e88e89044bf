/** The systems that bench/bridge compares, each as a process with a mount. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const BACKING = '/dev/shm';

export interface ServerOptions {
  readonly folder: string;
  readonly pinned: boolean;
  readonly validSeconds: number;
}

export interface BridgeSystem {
  /** Null: no FUSE at all, but a folder on the backing's file system. */
  readonly command: ((options: ServerOptions, mountpoint: string) => readonly string[]) | null;
  readonly takesCommands: boolean;
}

const daemon =
  (data: string, bridge: string, session: Record<string, unknown> = {}) =>
  ({ validSeconds }: ServerOptions, mountpoint: string): readonly string[] => {
    const memory = { data, entryValidMs: validSeconds * 1000, attributesValidMs: validSeconds * 1000 };
    const program = join(import.meta.dirname, '..', '..', 'test', 'support', 'memory-daemon.js');
    return [process.execPath, program, mountpoint, JSON.stringify({ memory, bridge, session })];
  };

export const SYSTEMS: Readonly<Record<string, BridgeSystem>> = {
  reference: {
    command: ({ folder, validSeconds }, mountpoint) => [
      join(folder, 'memory-fs'),
      BACKING,
      `${validSeconds}`,
      mountpoint,
    ],
    takesCommands: false,
  },
  local: { command: null, takesCommands: false },
  native: { command: daemon('descriptor', 'native'), takesCommands: true },
  'native-served': { command: daemon('served', 'native'), takesCommands: true },
  passthrough: { command: daemon('passthrough', 'native', { passthrough: true }), takesCommands: true },
  writeback: { command: daemon('descriptor', 'native', { writebackCache: true }), takesCommands: true },
  'fuse-native': { command: daemon('served', 'fuse-native'), takesCommands: true },
};

type Child = ChildProcessByStdio<Writable, Readable, null>;

export interface Server {
  readonly mountpoint: string;
  watchLoop(): Promise<void>;
  /** Null: it has no event loop. */
  loopDelayMs(): Promise<number | null>;
  /** Of all its threads. */
  cpuMicroseconds(): number;
  residentMebibytes(): number;
  stop(): Promise<void>;
}

export async function startServer(system: BridgeSystem, options: ServerOptions): Promise<Server> {
  if (system.command === null) return new LocalFolder();
  const mountpoint = mkdtempSync(join(options.folder, 'mount-'));
  const words = system.command(options, mountpoint);
  const [command, ...rest] = options.pinned ? ['taskset', '-c', '0', ...words] : words;
  const env = { ...process.env, ODBFS_TEST_BACKING: BACKING };
  const child: Child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== 'ready') throw new Error(`${command} did not begin`);
  return new RunningServer(child, mountpoint, lines, system.takesCommands);
}

/** What there is without a bridge. */
class LocalFolder implements Server {
  readonly mountpoint = mkdtempSync(join(BACKING, 'odbfs-bench-'));

  async watchLoop(): Promise<void> {}
  async loopDelayMs(): Promise<null> {
    return null;
  }
  cpuMicroseconds(): number {
    return 0;
  }
  residentMebibytes(): number {
    return 0;
  }
  async stop(): Promise<void> {
    rmSync(this.mountpoint, { recursive: true });
  }
}

class RunningServer implements Server {
  readonly mountpoint: string;
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;
  readonly #takesCommands: boolean;

  constructor(child: Child, mountpoint: string, lines: AsyncIterator<string>, takesCommands: boolean) {
    this.#child = child;
    this.mountpoint = mountpoint;
    this.#lines = lines;
    this.#takesCommands = takesCommands;
  }

  async watchLoop(): Promise<void> {
    if (this.#takesCommands) await this.#tell('watch-loop');
  }

  async loopDelayMs(): Promise<number | null> {
    return this.#takesCommands ? ((await this.#tell('loop-delay')) as { maxMs: number }).maxMs : null;
  }

  cpuMicroseconds(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    const nanoseconds = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((one, other) => one + other, 0) / 1000;
  }

  residentMebibytes(): number {
    const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1024;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close');
    execFileSync('umount', ['-l', this.mountpoint]);
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    await ended;
    rmdirSync(this.mountpoint);
  }

  async #tell(command: string): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify([command])}\n`);
    const { value } = await this.#lines.next();
    return JSON.parse(value);
  }
}
