/**
 * The requests that wait for the file system, by their number and in the order in which they began to wait. Each has a
 * deadline at which it is called off; one that ignores it for as long again is handed back to be answered for: a client
 * that waits for a request could not even be killed (bridge notes 4).
 */
import type { Clock } from '../base/index.js';
import type { Operation } from '../fs/index.js';
import type { PendingRequest } from './pending-request.js';

const SWEEP_EVERY_MS = 1000;

/**
 * What may have to bring a whole file here, or to the server, first: as long as bytes move it may go on. That bytes move
 * is watched below (the transport gives up after 30 s of silence).
 */
const PATIENT: ReadonlySet<Operation> = new Set([
  'copyFileRange',
  'create',
  'fallocate',
  'flush',
  'fsync',
  'fsyncdir',
  'open',
  'setattr',
  'write',
]);
/** How many times longer these may take: half a day instead of two minutes. */
const PATIENCE = 360;

export class PendingRequests {
  readonly #byUnique = new Map<number, PendingRequest>();
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #abandon: (pending: PendingRequest) => void;
  #cancelSweep: (() => void) | null = null;

  constructor(clock: Clock, deadlineMs: number, abandon: (pending: PendingRequest) => void) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#abandon = abandon;
  }

  get size(): number {
    return this.#byUnique.size;
  }

  get(unique: number): PendingRequest | undefined {
    return this.#byUnique.get(unique);
  }

  add(pending: PendingRequest): void {
    pending.waitingSinceMs = this.#clock.monotonic();
    this.#byUnique.set(pending.unique, pending);
    this.#scheduleSweep();
  }

  /** The kernel may have given its number to another meanwhile, if somebody has answered for it. */
  remove(pending: PendingRequest): void {
    if (this.#byUnique.get(pending.unique) === pending) this.#byUnique.delete(pending.unique);
  }

  /** All are called off, and handed back to be answered for. */
  end(refuse: (pending: PendingRequest) => void): void {
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    for (const pending of this.#byUnique.values()) {
      pending.callOff('ENOTCONN');
      refuse(pending);
    }
  }

  #scheduleSweep(): void {
    this.#cancelSweep ??= this.#clock.after(SWEEP_EVERY_MS, () => {
      this.#cancelSweep = null;
      this.#sweep();
      if (this.#byUnique.size > 0) this.#scheduleSweep();
    });
  }

  /** They are in the order in which they began to wait. */
  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const pending of [...this.#byUnique.values()]) {
      const waitedMs = now - pending.waitingSinceMs;
      if (waitedMs < this.#deadlineMs) return;
      if (PATIENT.has(pending.request.operation) && waitedMs < this.#deadlineMs * PATIENCE) continue;
      pending.callOff('ETIMEDOUT');
      pending.overdueSinceMs ||= now;
      if (now - pending.overdueSinceMs < Math.max(this.#deadlineMs, SWEEP_EVERY_MS)) continue;
      this.#byUnique.delete(pending.unique);
      this.#abandon(pending);
    }
  }
}
