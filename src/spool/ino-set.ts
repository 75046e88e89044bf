import type { Ino } from './spool.js';

const SMALLEST_CAPACITY = 1024;
const FREE = 0;

/** A growing set of inos, 16 bytes each: which of a million nodes have a row is known without asking the database. */
export class InoSet {
  #slots = new Float64Array(SMALLEST_CAPACITY);
  #used = 0;

  has(ino: Ino): boolean {
    const mask = this.#slots.length - 1;
    for (let at = slotOf(ino, mask); this.#slots[at] !== FREE; at = (at + 1) & mask) {
      if (this.#slots[at] === ino) return true;
    }
    return false;
  }

  add(ino: Ino): void {
    if (this.has(ino)) return;
    if ((this.#used + 1) * 2 > this.#slots.length) this.#grow();
    this.#insert(ino);
  }

  #insert(ino: Ino): void {
    const mask = this.#slots.length - 1;
    let at = slotOf(ino, mask);
    while (this.#slots[at] !== FREE) at = (at + 1) & mask;
    this.#slots[at] = ino;
    this.#used += 1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    this.#used = 0;
    for (const ino of old) if (ino !== FREE) this.#insert(ino);
  }
}

/** Own inos count up by one: the low bits alone spread them well. */
function slotOf(ino: Ino, mask: number): number {
  return (ino % 0x8000_0000) & mask;
}
