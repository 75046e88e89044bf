/** Exclusive write locks of WebDAV (protocol notes 2.6): one per item, gone when their time is over. */
export interface Lock {
  /** `opaquelocktoken:{GUID}20261122T012000Z` */
  readonly token: string;
  readonly holder: string;
  /** The owner element as the client wrote it, XML. */
  readonly ownerXml: string;
  readonly seconds: number;
  readonly expiresMs: number;
}

export class LockTable {
  readonly #locks = new Map<number, Lock>();

  /** The lock on an item that still holds at `nowMs`. */
  on(number: number, nowMs: number): Lock | undefined {
    const lock = this.#locks.get(number);
    if (lock === undefined || lock.expiresMs > nowMs) return lock;
    this.#locks.delete(number);
    return undefined;
  }

  put(number: number, lock: Lock): void {
    this.#locks.set(number, lock);
  }

  remove(number: number): void {
    this.#locks.delete(number);
  }
}
