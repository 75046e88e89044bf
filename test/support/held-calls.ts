/**
 * Holds every call to a drive in memory twice: before the server makes its answer, and before that arrives. The test's
 * dice say which of them goes on.
 */
import type { Dice } from './cache-random.js';
import type { MemoryCall, MemoryDrive } from './memory-drive.js';

interface Held {
  readonly what: string;
  readonly release: () => void;
}

export class HeldCalls {
  readonly #held = new Set<Held>();
  #isOver = false;

  constructor(drive: MemoryDrive) {
    drive.beforeCall = (call) => this.#hold('made', call);
    drive.afterCall = (call) => this.#hold('delivered', call);
  }

  /** Lets one of them go on; what that was, null when none is held. */
  release(dice: Dice): string | null {
    const held = dice.pick([...this.#held]);
    held?.release();
    return held?.what ?? null;
  }

  /** Nothing is held any more. */
  end(): void {
    this.#isOver = true;
    for (const { release } of [...this.#held]) release();
  }

  async #hold(what: string, { name, path, signal }: MemoryCall): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      const release = () => {
        this.#held.delete(held);
        signal.removeEventListener('abort', release);
        resolve();
      };
      const held = { what: `${what}: ${name} ${path}`, release };
      this.#held.add(held);
      // Who asked is told by the drive that it was given up.
      signal.addEventListener('abort', release, { once: true });
    });
    signal.throwIfAborted();
  }
}
