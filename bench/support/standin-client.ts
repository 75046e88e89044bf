import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface TreeEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modifiedMs: number;
  readonly sha256?: string;
}

export interface RequestCounts {
  readonly total: number;
  readonly byOperation: Record<string, number>;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A stand-in in its own process, steered through its control endpoint. */
export class StandinClient {
  /** The personal site's URL. */
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(switches: Record<string, unknown>): Promise<StandinClient> {
    const program = fileURLToPath(new URL('./standin-process.js', import.meta.url));
    const child = spawn(process.execPath, [program, JSON.stringify(switches)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout }))
      return new StandinClient(line.trim(), child);
    throw new Error('the stand-in did not start');
  }

  get library(): string {
    return `${this.url}/Documents/`;
  }

  async command(name: string, given: object = {}): Promise<unknown> {
    const response = await fetch(new URL(`/__standin/${name}`, this.url), {
      method: 'POST',
      body: JSON.stringify(given),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${name}: ${error}`);
    return result;
  }

  async tree(hash = false): Promise<TreeEntry[]> {
    return (await this.command('tree', { hash })) as TreeEntry[];
  }

  /** The value of a Cookie header that is signed in. */
  async cookies(): Promise<string> {
    return (await this.command('cookies')) as string;
  }

  async counts(): Promise<RequestCounts> {
    return (await this.command('counts')) as RequestCounts;
  }

  async clearLog(): Promise<void> {
    await this.command('clear-log');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
  }
}
