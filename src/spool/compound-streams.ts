/** What an older Office document consists of: the streams of a compound file (MS-CFB 2). */

const MAGIC = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const HEADER_BYTES = 512;
const SECTOR_SHIFTS = new Set([9, 12]);
/** Where the allocation table is, as far as the header tells. */
const TABLE_AT = 76;
const LAST_SECTOR = 0xfffffffa;
const ENTRY_BYTES = 128;
const NO_ENTRY = 0xffffffff;
const SMALL_SECTOR_BYTES = 64;
const STORAGE = 1;
const STREAM = 2;

/** The content of each stream by its path; null: it is no such file, or a damaged one. */
export function compoundStreams(file: Buffer): ReadonlyMap<string, Buffer> | null {
  if (file.length < HEADER_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  try {
    return new CompoundFile(file).streams();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Throws `RangeError` where the file leads out of itself, or in a circle. */
class CompoundFile {
  readonly #file: Buffer;
  readonly #sectorBytes: number;
  readonly #table: Buffer;
  readonly #directory: Buffer;
  readonly #smallTable: Buffer;
  readonly #small: Buffer;
  readonly #found = new Map<string, Buffer>();
  readonly #seen = new Set<number>();

  constructor(file: Buffer) {
    this.#file = file;
    const shift = file.readUInt16LE(30);
    if (!SECTOR_SHIFTS.has(shift)) throw new RangeError('no such size of a sector');
    this.#sectorBytes = 1 << shift;
    this.#table = Buffer.concat(this.#tableSectors().map((sector) => this.#sector(sector)));
    this.#directory = this.#large(file.readUInt32LE(48));
    this.#smallTable = this.#large(file.readUInt32LE(60));
    this.#small = this.#large(this.#directory.readUInt32LE(116));
  }

  streams(): ReadonlyMap<string, Buffer> {
    this.#walk(this.#directory.readUInt32LE(76), '');
    return this.#found;
  }

  #tableSectors(): number[] {
    const listed = [this.#file.subarray(TABLE_AT, HEADER_BYTES)];
    for (let sector = this.#file.readUInt32LE(68); sector < LAST_SECTOR; ) {
      const more = this.#sector(sector);
      listed.push(more.subarray(0, -4));
      sector = more.readUInt32LE(more.length - 4);
      if (listed.length * this.#sectorBytes > this.#file.length) throw new RangeError('a circle');
    }
    const all = Buffer.concat(listed);
    const sectors = Array.from({ length: all.length / 4 }, (_, at) => all.readUInt32LE(4 * at));
    return sectors.filter((sector) => sector < LAST_SECTOR);
  }

  #sector(sector: number): Buffer {
    const at = (sector + 1) * this.#sectorBytes;
    if (at >= this.#file.length) throw new RangeError('beyond the end');
    return this.#file.subarray(at, at + this.#sectorBytes);
  }

  /** Most sectors lie one behind the other. */
  #large(first: number): Buffer {
    const parts: Buffer[] = [];
    const sectors = chain(this.#table, first);
    for (let from = 0, to = 0; from < sectors.length; from = to) {
      while (to < sectors.length && sectors[to] === sectors[from]! + to - from) to += 1;
      const at = (sectors[from]! + 1) * this.#sectorBytes;
      if (at >= this.#file.length) throw new RangeError('beyond the end');
      parts.push(this.#file.subarray(at, at + (to - from) * this.#sectorBytes));
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #content(first: number, size: number): Buffer {
    if (size >= this.#file.readUInt32LE(56)) return this.#large(first).subarray(0, size);
    const parts = chain(this.#smallTable, first).map((sector) => {
      const at = sector * SMALL_SECTOR_BYTES;
      return this.#small.subarray(at, at + SMALL_SECTOR_BYTES);
    });
    return Buffer.concat(parts).subarray(0, size);
  }

  /** An entry, its siblings, and what is in it. */
  #walk(first: number, folder: string): void {
    for (const entries = [first]; entries.length > 0; ) {
      const entry = entries.pop()!;
      if (entry === NO_ENTRY) continue;
      if (this.#seen.has(entry)) throw new RangeError('a circle');
      this.#seen.add(entry);
      const at = entry * ENTRY_BYTES;
      const nameEnd = at + Math.max(0, this.#directory.readUInt16LE(at + 64) - 2);
      const path = folder + this.#directory.toString('utf16le', at, nameEnd);
      entries.push(this.#directory.readUInt32LE(at + 68), this.#directory.readUInt32LE(at + 72));
      const kind = this.#directory[at + 66];
      const [begin, size] = [this.#directory.readUInt32LE(at + 116), this.#directory.readUInt32LE(at + 120)];
      if (kind === STREAM) this.#found.set(path, size === 0 ? Buffer.alloc(0) : this.#content(begin, size));
      if (kind === STORAGE) this.#walk(this.#directory.readUInt32LE(at + 76), `${path}/`);
    }
  }
}

/** The sectors of one content in their order. */
function chain(table: Buffer, first: number): number[] {
  const sectors: number[] = [];
  for (let sector = first; sector < LAST_SECTOR; sector = table.readUInt32LE(4 * sector)) {
    sectors.push(sector);
    if (4 * sectors.length > table.length) throw new RangeError('a circle');
  }
  return sectors;
}
