/**
 * The stand-in as a process of its own: a test may then touch the mount without asking itself. Its control commands
 * are called over HTTP.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN } from './cli-run.js';
import { lastFirst } from './last-first.js';

export class StandinChild {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(context: { after(clean: () => Promise<void>): void }, args: readonly string[] = []) {
    const child = spawn(process.execPath, [MAIN, 'standin', ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [message] = (await once(child, 'message')) as [{ url: string }];
    const standin = new StandinChild(child, message.url);
    lastFirst(context, () => standin.stop());
    return standin;
  }

  get port(): string {
    return new URL(this.url).port;
  }

  async control<Result>(command: string, given: object = {}): Promise<Result> {
    const answer = await fetch(new URL(`/__standin/${command}`, this.url), {
      method: 'POST',
      body: JSON.stringify(given),
    });
    const { result, error } = (await answer.json()) as { result: Result; error?: string };
    if (error !== undefined) throw new Error(`${command}: ${error}`);
    return result;
  }

  /** Text of a file as the server has it. */
  async read(path: string): Promise<string> {
    return Buffer.from(await this.control<string>('read', { path }), 'base64').toString();
  }

  /** Paths of everything in the drive. */
  async paths(): Promise<string[]> {
    return (await this.control<{ path: string }[]>('tree')).map((entry) => entry.path);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
