/**
 * Which ino is which item. Items of the server need no record: their ino is derived from the id. Remembered are those
 * that were born here, and folders that something was changed in (so that a node's parent is found after a restart).
 */
import { LRUCache } from 'lru-cache';
import type { Statement } from '../base/index.js';
import type { DrivePath, ItemId } from '../drive/index.js';
import { InoSet } from './ino-set.js';
import { hashItem, ItemIndex } from './item-index.js';
import type { Journal } from './journal.js';
import type { Ino } from './spool.js';

/** How many pairs stay in memory by ino. */
const RECENT_PAIRS = 50_000;
/** Inos that were born here start here: above all derived ones. */
export const FIRST_OWN_INO: Ino = 2 ** 52;
/** Stands for the item of an ino that has none. */
const NO_ITEM: ItemId = '';
/** Numbers taken from the journal at once; a crash loses at most so many. */
const COUNTER_BLOCK = 4096;

export class Identities {
  readonly #journal: Journal;
  readonly #index = new ItemIndex();
  readonly #items = new LRUCache<Ino, ItemId>({ max: RECENT_PAIRS });
  /** Of items that are gone: which ino each was, as long as that has no other item. */
  readonly #former = new LRUCache<ItemId, Ino>({ max: RECENT_PAIRS });
  readonly #formerItems = new LRUCache<Ino, ItemId>({ max: RECENT_PAIRS });
  /** Derived from other items than they stand for: what is made again keeps its ino, and the item that it was may come back. */
  readonly #inherited = new InoSet();
  readonly #get: Statement;
  readonly #counters = new Map<string, { next: number; end: number }>();
  /** Grows with every change. */
  version = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
    const { database } = journal;
    this.#get = database.prepare('SELECT item, path FROM identities WHERE ino = ?');
    const rows = database.prepare('SELECT ino, item FROM identities').raw().iterate();
    for (const [ino, item] of rows as Iterable<[Ino, ItemId]>) this.#pair(ino, item);
  }

  inoOf(item: ItemId): Ino {
    const hash = hashItem(item);
    const remembered = this.#index.get(hash);
    if (remembered !== undefined) return remembered;
    if (!this.#index.isTaken(hash) && !this.#inherited.has(hash.key)) return hash.key;
    return hashItem(item, hash.check | 1).key;
  }

  formerInoOf(item: ItemId): Ino | undefined {
    return this.#former.size === 0 ? undefined : this.#former.get(item);
  }

  /** The item that it was, as long as it has no other. */
  formerItemOf(ino: Ino): ItemId | undefined {
    return this.#formerItems.get(ino);
  }

  itemOf(ino: Ino): ItemId | undefined {
    let item = this.#items.get(ino);
    if (item === undefined) {
      const row = this.#get.get(BigInt(ino)) as { item: ItemId } | undefined;
      item = row?.item ?? NO_ITEM;
      this.#items.set(ino, item);
    }
    return item === NO_ITEM ? undefined : item;
  }

  /** Where the item was when the pair was remembered: a hint for when the cache was thrown away. */
  pathHintOf(ino: Ino): DrivePath | undefined {
    const row = this.#get.get(BigInt(ino)) as { path: string | null } | undefined;
    return row?.path ?? undefined;
  }

  /** After the journal has the pair. */
  bound(ino: Ino, item: ItemId): void {
    this.version += 1;
    const before = this.#items.peek(ino);
    if (before !== undefined && before !== NO_ITEM && before !== item) this.#index.delete(hashItem(before));
    const otherIno = this.#index.get(hashItem(item));
    if (otherIno !== undefined && otherIno !== ino) this.#items.delete(otherIno);
    this.#forgetFormer(ino);
    this.#items.set(ino, item);
    this.#pair(ino, item);
  }

  #pair(ino: Ino, item: ItemId): void {
    const hash = hashItem(item);
    this.#index.set(hash, ino);
    if (ino < FIRST_OWN_INO && ino !== hash.key) this.#inherited.add(ino);
  }

  /** After the journal has forgotten it. */
  unbound(ino: Ino, item: ItemId): void {
    this.version += 1;
    this.#forgetFormer(ino);
    this.#former.set(item, ino);
    this.#formerItems.set(ino, item);
    this.#items.set(ino, NO_ITEM);
    if (this.#index.get(hashItem(item)) === ino) this.#index.delete(hashItem(item));
  }

  #forgetFormer(ino: Ino): void {
    const item = this.#formerItems.get(ino);
    if (item !== undefined && this.#former.get(item) === ino) this.#former.delete(item);
    this.#formerItems.delete(ino);
  }

  newIno(): Ino {
    return FIRST_OWN_INO + this.#next('ino');
  }

  /** Grows over restarts, so that no two contents of one node ever have the same. */
  newGeneration(): number {
    return this.#next('generation');
  }

  /** After a journal was damaged: what is in use is not given out again. */
  skipInosTo(ino: Ino): void {
    this.#skip('ino', ino - FIRST_OWN_INO + 1);
  }

  skipGenerationsTo(generation: number): void {
    this.#skip('generation', generation + 1);
  }

  #skip(name: string, next: number): void {
    if (next <= this.#journal.counter(name) || next <= 1) return;
    this.#journal.setCounter(name, next);
    this.#counters.delete(name);
  }

  #next(name: string): number {
    let block = this.#counters.get(name);
    if (block === undefined || block.next === block.end) {
      const next = block?.end ?? Math.max(1, this.#journal.counter(name));
      this.#journal.setCounter(name, next + COUNTER_BLOCK);
      block = { next, end: next + COUNTER_BLOCK };
      this.#counters.set(name, block);
    }
    block.next += 1;
    return block.next - 1;
  }
}
