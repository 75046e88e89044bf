import { randomBytes } from 'node:crypto';

/** Where tokens, GUIDs and orders come from; a seed makes them the same in every run. */
export interface RandomSource {
  /** `count` bytes. */
  bytes(count: number): Buffer;
  /** Integer in `[0, below)`. */
  integer(below: number): number;
  /** Lower case, version 4. */
  guid(): string;
}

export function createRandomSource(seed?: number): RandomSource {
  const bytes = seed === undefined ? randomBytes : seededBytes(seed);
  return {
    bytes,
    integer: (below) => bytes(4).readUInt32LE() % below,
    guid: () => guidFrom(bytes(16)),
  };
}

function seededBytes(seed: number): (count: number) => Buffer {
  let state = seed | 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  return (count) => Buffer.from(Array.from({ length: count }, next));
}

function guidFrom(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
