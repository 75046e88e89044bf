import type { Ino, Spool } from '../spool/index.js';

interface Arrival {
  readonly generation: number;
  readonly adopted: Promise<void>;
}

/**
 * Payloads on their way from the spool into the content cache. Between the two there is a moment in which the spool
 * still tells of a payload whose file has moved already; whoever opens it then must go to the cache.
 */
export class Arrivals {
  readonly #spool: Spool;
  readonly #byIno = new Map<Ino, Arrival>();

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** The payload of `generation` is being taken over. */
  begin(ino: Ino, generation: number, adopted: Promise<void>): void {
    for (const [known, { generation: moved }] of this.#byIno) {
      if (this.#spool.owed(known)?.content?.generation !== moved) this.#byIno.delete(known);
    }
    this.#byIno.set(ino, { generation, adopted });
  }

  /** Resolves when the payload that is owed for `ino` is where `hasArrived` says. */
  async wait(ino: Ino): Promise<void> {
    await this.#byIno.get(ino)?.adopted;
  }

  /** True when what the spool owes for `ino` is in the content cache already. */
  hasArrived(ino: Ino): boolean {
    const arrival = this.#byIno.get(ino);
    return arrival !== undefined && this.#spool.owed(ino)?.content?.generation === arrival.generation;
  }
}
