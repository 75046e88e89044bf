/**
 * Item id to ino for a million items in some 40 MB: open addressing in typed arrays, keyed by 84 bits of a hash of the
 * id. Two ids that agree in all of them are taken for one; with a million items that happens once in 10^13 spools.
 */
import type { ItemId } from '../drive/index.js';
import type { Ino } from './spool.js';

export interface ItemHash {
  /** 2 to 2^52 - 1: what an item's ino is derived from. */
  readonly key: number;
  readonly check: number;
}

const SMALLEST_CAPACITY = 1024;
const FREE = 0;
const GONE = 1;

export class ItemIndex {
  #keys = new Float64Array(SMALLEST_CAPACITY);
  #checks = new Uint32Array(SMALLEST_CAPACITY);
  #inos = new Float64Array(SMALLEST_CAPACITY);
  #used = 0;

  get({ key, check }: ItemHash): Ino | undefined {
    if (this.#used === 0) return undefined;
    const slot = this.#find(key, (at) => this.#checks[at] === check);
    return slot < 0 ? undefined : this.#inos[slot];
  }

  /** True when another id of the same key has that key as its ino. */
  isTaken({ key, check }: ItemHash): boolean {
    if (this.#used === 0) return false;
    return this.#find(key, (at) => this.#checks[at] !== check && this.#inos[at] === key) >= 0;
  }

  set({ key, check }: ItemHash, ino: Ino): void {
    const present = this.#find(key, (at) => this.#checks[at] === check);
    if (present >= 0) {
      this.#inos[present] = ino;
      return;
    }
    if ((this.#used + 1) * 2 > this.#keys.length) this.#grow();
    this.#insert(key, check, ino);
  }

  delete({ key, check }: ItemHash): void {
    const slot = this.#find(key, (at) => this.#checks[at] === check);
    if (slot >= 0) this.#keys[slot] = GONE;
  }

  #find(key: number, isIt: (slot: number) => boolean): number {
    const mask = this.#keys.length - 1;
    for (let slot = key & mask; this.#keys[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#keys[slot] === key && isIt(slot)) return slot;
    }
    return -1;
  }

  #insert(key: number, check: number, ino: Ino): void {
    const mask = this.#keys.length - 1;
    let slot = key & mask;
    while (this.#keys[slot] !== FREE) slot = (slot + 1) & mask;
    this.#keys[slot] = key;
    this.#checks[slot] = check;
    this.#inos[slot] = ino;
    this.#used += 1;
  }

  #grow(): void {
    const [keys, checks, inos] = [this.#keys, this.#checks, this.#inos];
    this.#keys = new Float64Array(keys.length * 2);
    this.#checks = new Uint32Array(keys.length * 2);
    this.#inos = new Float64Array(keys.length * 2);
    this.#used = 0;
    for (let slot = 0; slot < keys.length; slot += 1) {
      if (keys[slot]! > GONE) this.#insert(keys[slot]!, checks[slot]!, inos[slot]!);
    }
  }
}

/**
 * Must never change: inos of server items are derived from it, over restarts. Three lanes of multiply-and-rotate over
 * the id's UTF-16 units; `seed` gives another key for an id whose own is taken.
 */
export function hashItem(item: ItemId, seed = 0): ItemHash {
  let a = 0x9e3779b9 ^ seed;
  let b = 0x85ebca6b ^ item.length;
  let c = 0xc2b2ae35;
  for (let at = 0; at < item.length; at += 1) {
    const unit = item.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x5bd1e995);
    a ^= a >>> 15;
    b = Math.imul(((b << 13) | (b >>> 19)) ^ unit, 0x1b873593);
    c = Math.imul(((c << 7) | (c >>> 25)) + unit, 0x27d4eb2f);
  }
  a = finish(a ^ (c >>> 3));
  b = finish(b ^ (a << 1));
  c = finish(c ^ b);
  const key = (a & 0xfffff) * 0x1_0000_0000 + (b >>> 0);
  return { key: Math.max(2, key), check: c >>> 0 };
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
