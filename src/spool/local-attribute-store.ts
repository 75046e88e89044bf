/**
 * What was set here and the server can't keep, by ino: a row each, the recently used ones in memory. Writes are one
 * statement each and survive `kill -9` when they return.
 */
import { LRUCache } from 'lru-cache';
import type { Statement } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import { type AttributeRow, attributesOf } from './attribute-row.js';
import { onDisk } from './disk-error.js';
import { InoSet } from './ino-set.js';
import type { Journal, NodeAttributes } from './journal.js';
import type { LocalAttributes } from './local-attributes.js';
import type { Ino } from './spool.js';

/** Nodes whose attributes stay in memory: some 20 MB. */
const RECENT_NODES = 50_000;

const NOTHING: LocalAttributes = {
  mode: null,
  uid: null,
  gid: null,
  modified: null,
  accessed: null,
  changed: null,
  born: null,
  symlinkTarget: null,
  written: null,
  pinned: false,
  xattrs: new Map(),
};

export class LocalAttributeStore {
  readonly #recent = new LRUCache<Ino, LocalAttributes>({ max: RECENT_NODES });
  /** Nodes that may have a row; one that was forgotten stays in it until the next start. */
  readonly #known = new InoSet();
  readonly #journal: Journal;
  readonly #get: Statement;
  readonly #drop: Statement;
  readonly #pinned: Statement;
  /** Grows with every change. */
  version = 0;

  constructor(journal: Journal) {
    const { database } = journal;
    this.#journal = journal;
    this.#get = database.prepare('SELECT * FROM attributes WHERE ino = ?');
    this.#drop = database.prepare('DELETE FROM attributes WHERE ino = ?');
    this.#pinned = database
      .prepare('SELECT item FROM attributes JOIN identities USING (ino) WHERE pinned = 1')
      .pluck();
    const inos = database.prepare('SELECT ino FROM attributes').pluck().iterate() as Iterable<Ino>;
    for (const ino of inos) this.#known.add(ino);
  }

  get(ino: Ino): LocalAttributes | undefined {
    if (!this.#known.has(ino)) return undefined;
    const recent = this.#recent.get(ino);
    if (recent !== undefined) return recent;
    const row = this.#get.get(BigInt(ino)) as AttributeRow | undefined;
    if (row === undefined) return undefined;
    const attributes = attributesOf(row);
    this.#recent.set(ino, attributes);
    return attributes;
  }

  set(ino: Ino, changes: Partial<LocalAttributes>): void {
    const next = this.changed(ino, changes);
    this.#journal.apply({ attributes: [next] });
    this.recorded(next);
  }

  /** What `changes` would make of a node's attributes, for somebody who records it together with other things. */
  changed(ino: Ino, changes: Partial<LocalAttributes>): NodeAttributes {
    return { ino, attributes: { ...(this.get(ino) ?? NOTHING), ...changes } };
  }

  /** The journal has it. */
  recorded({ ino, attributes }: NodeAttributes): void {
    this.version += 1;
    this.#known.add(ino);
    this.#recent.set(ino, attributes);
  }

  /** Of those whose item is known. */
  pinnedItems(): ItemId[] {
    return this.#pinned.all() as ItemId[];
  }

  forget(ino: Ino): void {
    if (!this.#known.has(ino)) return;
    this.version += 1;
    onDisk(() => this.#drop.run(BigInt(ino)));
    this.#recent.delete(ino);
  }
}
