/**
 * Which file holds what of which version. A range is recorded after its bytes were written, never before; what was
 * not recorded when the daemon was killed is fetched again.
 */
import { type Database, RangeSet, type Statement } from '../base/index.js';
import type { ItemId, Version } from '../drive/index.js';
import { packId, packVersion, readId, unpackId, unpackVersion } from './item-key.js';

export interface ContentRecord {
  readonly slot: number;
  readonly item: ItemId;
  readonly version: Version;
  readonly size: number;
  /** What of it is here. */
  readonly present: RangeSet;
  /** When its file was synced with all of it, by the file's own time; null: a power cut may take it. */
  readonly durableMs: number | null;
}

/** Something that may be thrown away. */
export interface Evictable {
  readonly slot: number;
  readonly item: ItemId;
  readonly version: Version;
  readonly bytes: number;
  readonly usedMs: number;
}

type Row = [
  slot: number,
  item: string,
  version: string,
  size: number,
  bytes: number,
  ranges: Buffer | null,
  durable: number | null,
];

const COLUMNS = `slot, ${readId('item')}, version, size, bytes, ranges, durable`;
const IS_PINNED = 'EXISTS (SELECT 1 FROM pins WHERE pins.item = contents.item)';

export class ContentIndex {
  readonly #statements: ReturnType<typeof prepareStatements>;
  #bytes: number;
  #count: number;

  constructor(database: Database) {
    this.#statements = prepareStatements(database);
    const [bytes, count] = this.#statements.totals.get() as [number, number];
    this.#bytes = bytes;
    this.#count = count;
  }

  /** Of everything recorded. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  find(item: ItemId, version: Version): ContentRecord | undefined {
    const row = this.#statements.find.get(packId(item), packVersion(version, item)) as Row | undefined;
    return row && recordOf(row);
  }

  isComplete(item: ItemId, version: Version): boolean {
    return this.#statements.isComplete.get(packId(item), packVersion(version, item)) === 1;
  }

  /** All versions of an item, the one used last first. */
  of(item: ItemId): ContentRecord[] {
    return (this.#statements.ofItem.all(packId(item)) as Row[]).map(recordOf);
  }

  bytesOf(item: ItemId): number {
    return (this.#statements.bytesOf.get(packId(item)) as number | undefined) ?? 0;
  }

  save(record: ContentRecord, usedMs: number): void {
    const { slot, item, version, size, present } = record;
    const bytes = present.size;
    const before = this.#statements.bytesIn.get(slot) as number | undefined;
    const isWhole = present.contains({ offset: 0, length: size });
    const ranges = isWhole ? null : packRanges(present);
    const id = packId(item);
    this.#statements.save.run(
      slot,
      id,
      packVersion(version, item),
      size,
      bytes,
      ranges,
      usedMs,
      record.durableMs,
    );
    this.#bytes += bytes - (before ?? 0);
    if (before === undefined) this.#count += 1;
  }

  remove(slot: number): void {
    const bytes = this.#statements.remove.get(slot) as number | undefined;
    if (bytes === undefined) return;
    this.#bytes -= bytes;
    this.#count -= 1;
  }

  /** False: nothing is recorded of that file. */
  used(slot: number, usedMs: number): boolean {
    return this.#statements.used.run(usedMs, slot).changes > 0;
  }

  /** Least recently used first; nothing that is pinned. */
  oldest(limit: number, offset: number): Evictable[] {
    return (this.#statements.oldest.all(limit, offset) as [...Row, used: number][]).map((row) => {
      const item = unpackId(row[1]);
      return { slot: row[0], item, version: unpackVersion(row[2], item), bytes: row[4], usedMs: row[7] };
    });
  }

  /** Slots in use, ascending. */
  slots(): number[] {
    return this.#statements.slots.all() as number[];
  }

  /** What a power cut may have taken. */
  dropNotDurable(): void {
    this.#statements.dropNotDurable.run();
    const [bytes, count] = this.#statements.totals.get() as [number, number];
    this.#bytes = bytes;
    this.#count = count;
  }

  isPinned(item: ItemId): boolean {
    return this.#statements.isPinned.get(packId(item)) === 1;
  }

  setPinned(item: ItemId, pinned: boolean): void {
    (pinned ? this.#statements.pin : this.#statements.unpin).run(packId(item));
  }

  pins(): ItemId[] {
    return (this.#statements.pins.all() as string[]).map(unpackId);
  }
}

function recordOf(row: Row): ContentRecord {
  const item = unpackId(row[1]);
  const size = row[3];
  const present = row[5] === null ? RangeSet.from([{ offset: 0, length: size }]) : unpackRanges(row[5]);
  return { slot: row[0], item, version: unpackVersion(row[2], item), size, present, durableMs: row[6] };
}

function packRanges(present: RangeSet): Buffer {
  const bounds: number[] = [];
  for (const { offset, length } of present) bounds.push(offset, offset + length);
  return Buffer.from(Float64Array.from(bounds).buffer);
}

function unpackRanges(packed: Buffer): RangeSet {
  const bounds = new Float64Array(packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length));
  const present = new RangeSet();
  for (let at = 0; at + 1 < bounds.length; at += 2) {
    present.add({ offset: bounds[at]!, length: bounds[at + 1]! - bounds[at]! });
  }
  return present;
}

function prepareStatements(database: Database) {
  const one = (sql: string): Statement => database.prepare(sql);
  return {
    totals: one('SELECT coalesce(sum(bytes), 0), count(*) FROM contents').raw(),
    find: one(`SELECT ${COLUMNS} FROM contents WHERE item = ? AND version = ?`).raw(),
    isComplete: one('SELECT ranges IS NULL FROM contents WHERE item = ? AND version = ?').pluck(),
    ofItem: one(`SELECT ${COLUMNS} FROM contents WHERE item = ? ORDER BY used DESC, slot DESC`).raw(),
    bytesOf: one('SELECT bytes FROM contents WHERE item = ? ORDER BY used DESC, slot DESC LIMIT 1').pluck(),
    bytesIn: one('SELECT bytes FROM contents WHERE slot = ?').pluck(),
    save: one('INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    remove: one('DELETE FROM contents WHERE slot = ? RETURNING bytes').pluck(),
    used: one('UPDATE contents SET used = ? WHERE slot = ?'),
    oldest: one(
      `SELECT ${COLUMNS}, used FROM contents WHERE NOT ${IS_PINNED} ORDER BY used LIMIT ? OFFSET ?`,
    ).raw(),
    slots: one('SELECT slot FROM contents ORDER BY slot').pluck(),
    dropNotDurable: one('DELETE FROM contents WHERE durable IS NULL'),
    isPinned: one('SELECT 1 FROM pins WHERE item = ?').pluck(),
    pin: one('INSERT OR IGNORE INTO pins VALUES (?)'),
    unpin: one('DELETE FROM pins WHERE item = ?'),
    pins: one(`SELECT ${readId('item')} FROM pins`).pluck(),
  };
}
