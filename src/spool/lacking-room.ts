/**
 * Nodes that the server had no room for. They come to be due by themselves, after a minute each time; as soon as there is
 * room, those that fit are due at once. What the server tells of its room may be old, or nothing at all: so one is tried
 * in any case, the smallest, and more with each that was taken.
 */
import { dueAgain } from './due-times.js';
import type { SendContext } from './send-context.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

type Parts = Pick<SendContext, 'ledger' | 'clock'>;

const MOST_AT_ONCE = 200;

export class LackingRoom {
  readonly #parts: Parts;
  readonly #inos = new Set<Ino>();
  /** So many are tried whatever the server tells of its room. */
  #tries = 1;
  /** Who waited need not wait any longer. */
  onDue: (inos: readonly Ino[]) => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The server had no room for it. */
  add(ino: Ino): void {
    this.#inos.add(ino);
    this.#tries = 1;
  }

  /** It lacked room before, and may have found some. */
  has(ino: Ino): boolean {
    return this.#inos.has(ino);
  }

  get isEmpty(): boolean {
    for (const _ of this.#waiting()) return false;
    return true;
  }

  /** The server took one that it had no room for: `roomMade` may be bolder. */
  tookIn(): void {
    this.#tries = Math.min(this.#tries * 2, MOST_AT_ONCE);
  }

  /** There may be room now; null: nobody knows how much. */
  roomMade(freeBytes: number | null): void {
    const { ledger, clock } = this.#parts;
    const smallestFirst = [...this.#waiting()].sort((one, other) => sizeOf(one) - sizeOf(other));
    const due: Ino[] = [];
    let leftBytes = freeBytes ?? 0;
    for (const entry of smallestFirst.slice(0, MOST_AT_ONCE)) {
      leftBytes -= sizeOf(entry);
      if (leftBytes < 0 && due.length >= this.#tries) break;
      ledger.changeInMemory({ ...entry, state: dueAgain(entry, clock.now()) ?? entry.state });
      due.push(entry.ino);
    }
    this.onDue(due);
  }

  /** Those that nobody is sending; who needs room no longer is forgotten. */
  *#waiting(): Iterable<SpoolEntry> {
    for (const ino of this.#inos) {
      const entry = this.#parts.ledger.overlay.get(ino);
      if (entry?.state.kind === 'owed' && entry.state.failure === 'full') yield entry;
      else if (entry?.state.kind !== 'sending') this.#inos.delete(ino);
    }
  }
}

function sizeOf({ content }: SpoolEntry): number {
  return content?.size ?? 0;
}
