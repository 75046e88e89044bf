/** What the rooms of the stand-in share: one of each per running stand-in. */
import type { StandinClock } from './clock.js';
import type { Directory } from './directory.js';
import type { Hosts } from './hosts.js';
import type { RandomSource } from './random-source.js';
import type { SignIn } from './sign-in/contract.js';
import type { Sites } from './sites.js';
import type { ContentVault } from './store/content-vault.js';
import type { Switches } from './switches.js';

export interface World {
  readonly clock: StandinClock;
  readonly switches: Switches;
  readonly directory: Directory;
  readonly hosts: Hosts;
  readonly random: RandomSource;
  readonly tenantId: string;
  readonly vault: ContentVault;
  readonly sites: Sites;
  readonly signIn: SignIn;
  /** Work that goes on after an answer: server-side rewrites, slow moves. All of it ends with the stand-in. */
  readonly background: Background;
}

/** Timers that end with the stand-in. */
export class Background {
  readonly #timers = new Set<NodeJS.Timeout>();

  after(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
