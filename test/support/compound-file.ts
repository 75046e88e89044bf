/** Writes a compound file (MS-CFB 2) with sectors of 512 bytes, and at most 128 of them. */

const SECTOR_BYTES = 512;
const SMALL_SECTOR_BYTES = 64;
const SMALLEST_LARGE_BYTES = 4096;
const END = 0xfffffffe;
const NONE = 0xffffffff;

interface Entry {
  readonly name: string;
  readonly kind: number;
  readonly children: Entry[];
  readonly content: Buffer;
}

/** `streams`: content by path. */
export function compoundFile(streams: Readonly<Record<string, Buffer | string>>): Buffer {
  const root = folder('Root Entry', 5);
  for (const [path, content] of Object.entries(streams)) put(root, path.split('/'), Buffer.from(content));
  const sectors = new Chains(SECTOR_BYTES);
  const small = new Chains(SMALL_SECTOR_BYTES);
  const entries = [root];
  for (const entry of entries) entries.push(...entry.children);
  const isSmall = ({ content }: Entry) => content.length < SMALLEST_LARGE_BYTES;
  const firsts = entries.map((entry) => (isSmall(entry) ? small : sectors).add(entry.content));
  firsts[0] = sectors.add(small.bytes);
  const directory = Buffer.concat(entries.map((entry, at) => record(entries, entry, firsts[at]!)));
  const [directoryAt, smallTableAt] = [sectors.add(directory), sectors.add(small.table)];
  const tableAt = sectors.add(Buffer.alloc(SECTOR_BYTES));
  const header = Buffer.alloc(SECTOR_BYTES, 0xff);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(header);
  const shorts = { 24: 0x3e, 26: 3, 28: 0xfffe, 30: 9, 32: 6 };
  for (const [at, value] of Object.entries(shorts)) header.writeUInt16LE(value, Number(at));
  const numbers = {
    44: 1,
    48: directoryAt,
    56: SMALLEST_LARGE_BYTES,
    60: smallTableAt,
    68: END,
    76: tableAt,
  };
  for (const [at, value] of Object.entries(numbers)) header.writeUInt32LE(value, Number(at));
  const file = Buffer.concat([header, sectors.bytes]);
  sectors.table.copy(file, (tableAt + 1) * SECTOR_BYTES);
  return file;
}

function folder(name: string, kind: number): Entry {
  return { name, kind, children: [], content: Buffer.alloc(0) };
}

function put(parent: Entry, [name, ...rest]: string[], content: Buffer): void {
  if (rest.length === 0) {
    parent.children.push({ ...folder(name!, 2), content });
    return;
  }
  const present = parent.children.find((one) => one.name === name);
  const child = present ?? folder(name!, 1);
  if (present === undefined) parent.children.push(child);
  put(child, rest, content);
}

/** Siblings hang one to the right of the other. */
function record(entries: readonly Entry[], entry: Entry, first: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt16LE(2 * entry.name.length + 2, 64);
  bytes.write(entry.name, 'utf16le');
  bytes[66] = entry.kind;
  const siblings = entries.find(({ children }) => children.includes(entry))?.children ?? [];
  const numberOf = (one: Entry | undefined) => (one === undefined ? NONE : entries.indexOf(one));
  bytes.writeUInt32LE(NONE, 68);
  bytes.writeUInt32LE(numberOf(siblings[siblings.indexOf(entry) + 1]), 72);
  bytes.writeUInt32LE(numberOf(entry.children[0]), 76);
  bytes.writeUInt32LE(first, 116);
  bytes.writeUInt32LE(entry.content.length, 120);
  return bytes;
}

class Chains {
  readonly #sectorBytes: number;
  readonly #parts: Buffer[] = [];
  readonly #next: number[] = [];

  constructor(sectorBytes: number) {
    this.#sectorBytes = sectorBytes;
  }

  /** The first sector of it. */
  add(content: Buffer): number {
    if (content.length === 0) return END;
    const first = this.#next.length;
    const count = Math.ceil(content.length / this.#sectorBytes);
    this.#parts.push(content, Buffer.alloc(count * this.#sectorBytes - content.length));
    for (let at = 1; at <= count; at += 1) this.#next.push(at === count ? END : first + at);
    return first;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get table(): Buffer {
    const table = Buffer.alloc(SECTOR_BYTES, 0xff);
    for (const [at, next] of this.#next.entries()) table.writeUInt32LE(next, 4 * at);
    return table;
  }
}
