/** The demo from start to end: server, sign-in, mount; and everything undone afterwards, whatever happened. */
import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders, systemClock } from '../../base/index.js';
import {
  ConfigFile,
  Failure,
  mountAt,
  signInPlace,
  startInBackground,
  stopDaemon,
} from '../../daemon/index.js';
import { signIn } from '../../sharepoint/index.js';
import { STANDIN_PASSWORD } from '../../standin/index.js';
import { DemoHome } from './demo-home.js';
import { DemoServer } from './demo-server.js';
import { sampleDrive } from './sample-drive.js';

const ACCOUNT = 'demo';
const USER = 'user@contoso.com';
/** At the end: the server is here and alive, so what is owed is there soon. */
const LAST_UPLOADS_MS = 10_000;
const LOOK_EVERY_MS = 1000;

export class Demo {
  readonly mountpoint: string;
  readonly #home = new DemoHome();
  readonly #config = new ConfigFile(this.#home.paths);
  #madeMountpoint = false;
  #server: DemoServer | null = null;

  constructor(mountpoint: string) {
    this.mountpoint = mountpoint;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#server = await DemoServer.start(join(this.#home.folder, 'server'));
    // The demo signs in by password, as everybody did until May 2026 (protocol notes 1(i)): it needs no browser.
    await this.#server.control('switches', { switches: { legacyAuth: true } });
    await this.#server.control('seed', { entries: sampleDrive(Date.now()) });
    await this.#signIn(this.#server.url, signal);
    this.#madeMountpoint = !existsSync(this.mountpoint);
    makeFolders(this.mountpoint);
    const outputFile = join(this.#home.folder, 'daemon.log');
    const args = ['mount', ACCOUNT, this.mountpoint, '-o', 'poll=2'];
    await startInBackground({ args, outputFile, detached: true, signal });
  }

  /** Resolves when the mount is gone, or the signal fires. */
  async lasts(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && mountAt(this.mountpoint)?.account === ACCOUNT) {
      await systemClock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** Takes everything away again; safe to call at any point of the start. */
  async undo(): Promise<void> {
    await this.#unmount();
    await this.#server?.stop();
    this.#home.remove();
    if (this.#madeMountpoint) removeIfEmpty(this.mountpoint);
  }

  async #signIn(site: string, signal: AbortSignal): Promise<void> {
    this.#config.set(ACCOUNT, { site, method: 'password', username: USER });
    const account = this.#config.accounts()[0]!;
    const prompts = { ask: async () => STANDIN_PASSWORD, tell: () => undefined };
    const request = { method: 'password' as const, username: USER };
    await signIn(request, prompts, await signInPlace(account, this.#home.paths), signal);
  }

  /** Cleanly if nobody uses it, else all the same. */
  async #unmount(): Promise<void> {
    const socket = this.#home.paths.socket(ACCOUNT);
    for (const timeoutMs of [LAST_UPLOADS_MS, 0]) {
      try {
        await stopDaemon(socket, timeoutMs);
        return;
      } catch (error) {
        if (!(error instanceof Failure)) return;
      }
    }
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody put something there meanwhile.
  }
}
