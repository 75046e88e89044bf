/**
 * The stand-in as a process of its own, so that the demo's server and its daemon do not wait for one another. It ends
 * with the process that started it, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../daemon/index.js';
import { isStandinReady } from '../standin-ready.js';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const ENDS_WITHIN_MS = 5000;

export class DemoServer {
  /** The site, as a browser would show it. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Detached, so that a Ctrl-C on the terminal does not take the server away before the uploads are done. */
  static async start(stateFolder: string): Promise<DemoServer> {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, 'standin', '--state', stateFolder], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const url = await Promise.race([
      once(child, 'message').then(([message]) => (isStandinReady(message) ? message.url : null)),
      once(child, 'exit').then(() => null),
    ]);
    if (url === null) throw new Failure('failed', 'the stand-in did not start');
    return new DemoServer(child, url);
  }

  /** Something that only happens in a demo: behind the back of every client. */
  async control(command: string, given: object): Promise<void> {
    const answer = await fetch(new URL(`/__standin/${command}`, this.url), {
      method: 'POST',
      body: JSON.stringify(given),
    });
    if (answer.ok) return;
    throw new Failure('failed', `the stand-in refused ${command}: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), ENDS_WITHIN_MS);
    this.#child.disconnect();
    await ended;
    clearTimeout(force);
  }
}
