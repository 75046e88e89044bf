import type { Ino } from './spool.js';

/** Who waits for whom. Everybody waits for at most one other. */
export class WaitingRoom {
  readonly #waitsFor = new Map<Ino, Ino>();
  readonly #waiters = new Map<Ino, Set<Ino>>();

  wait(ino: Ino, on: Ino): void {
    this.leave(ino);
    this.#waitsFor.set(ino, on);
    const waiters = this.#waiters.get(on);
    if (waiters === undefined) this.#waiters.set(on, new Set([ino]));
    else waiters.add(ino);
  }

  /** Everybody who waits for `on`, or for somebody who does. */
  *behind(on: Ino): Iterable<Ino> {
    const found = new Set([on]);
    for (const ino of found) {
      for (const waiter of this.#waiters.get(ino) ?? []) {
        if (found.has(waiter)) continue;
        found.add(waiter);
        yield waiter;
      }
    }
  }

  leave(ino: Ino): void {
    const on = this.#waitsFor.get(ino);
    if (on === undefined) return;
    this.#waitsFor.delete(ino);
    const waiters = this.#waiters.get(on);
    waiters?.delete(ino);
    if (waiters?.size === 0) this.#waiters.delete(on);
  }

  /** Nobody waits for `on` any more; who did is taken out as it is told, one by one. Null: nobody did. */
  release(on: Ino): Iterable<Ino> | null {
    const waiters = this.#waiters.get(on);
    this.#waiters.delete(on);
    return waiters === undefined ? null : this.#taken(waiters, on);
  }

  *#taken(waiters: ReadonlySet<Ino>, on: Ino): Iterable<Ino> {
    for (const ino of waiters) {
      // Unless it has left meanwhile, whatever it waits for since.
      if (this.#waitsFor.get(ino) !== on || this.#waiters.get(on)?.has(ino)) continue;
      this.#waitsFor.delete(ino);
      yield ino;
    }
  }

  /** Those who wait for each other in a circle, if `ino` waiting for `on` would close one. */
  circle(ino: Ino, on: Ino): Ino[] | null {
    const members = [ino];
    for (let at: Ino | undefined = on; at !== undefined; at = this.#waitsFor.get(at)) {
      if (at === ino) return members;
      if (members.includes(at)) return null;
      members.push(at);
    }
    return null;
  }
}
