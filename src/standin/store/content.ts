/**
 * The bytes of a file: immutable, shared by copies and by readers that opened them before they were replaced. Bytes
 * are in memory when few, on disk when many, or made up from a seed, for drives larger than the disk.
 */
import { createReadStream, rmSync } from 'node:fs';

export interface Content {
  readonly size: number;
  /** The bytes of `[start, end)`; whoever began to read ends whole even if the content is released meanwhile. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** One more holder. */
  retain(): void;
  /** One holder less; the last one frees the disk. */
  release(): void;
  /** How the journal writes it down. */
  record(): ContentRecord;
}

export type ContentRecord =
  | { readonly text: string }
  | { readonly blob: string; readonly size: number }
  | { readonly pattern: number; readonly size: number }
  | { readonly base: ContentRecord; readonly tail: string };

const PIECE_BYTES = 64 * 1024;

export class MemoryContent implements Content {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (end > start) yield this.#bytes.subarray(start, end);
  }

  retain(): void {}
  release(): void {}

  record(): ContentRecord {
    return { text: Buffer.from(this.#bytes).toString('base64') };
  }
}

export class BlobContent implements Content {
  readonly size: number;
  readonly #path: string;
  readonly #name: string;
  #holders = 1;

  constructor(path: string, name: string, size: number) {
    this.#path = path;
    this.#name = name;
    this.size = size;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (end <= start) return;
    this.retain();
    try {
      yield* createReadStream(this.#path, { start, end: end - 1, highWaterMark: 4 * PIECE_BYTES });
    } finally {
      this.release();
    }
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) rmSync(this.#path, { force: true });
  }

  record(): ContentRecord {
    return { blob: this.#name, size: this.size };
  }
}

/** Bytes that follow from a seed: the same seed and size give the same bytes, anywhere in the file. */
export class PatternContent implements Content {
  readonly size: number;
  readonly #seed: number;

  constructor(seed: number, size: number) {
    this.#seed = seed | 0;
    this.size = size;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; ) {
      const piece = Math.floor(at / PIECE_BYTES);
      const bytes = patternPiece(this.#seed, piece);
      const from = at - piece * PIECE_BYTES;
      const until = Math.min(PIECE_BYTES, end - piece * PIECE_BYTES);
      yield bytes.subarray(from, until);
      at += until - from;
    }
  }

  retain(): void {}
  release(): void {}

  record(): ContentRecord {
    return { pattern: this.#seed, size: this.size };
  }
}

function patternPiece(seed: number, piece: number): Uint8Array {
  const words = new Uint32Array(PIECE_BYTES / 4);
  let state = Math.imul(seed ^ piece, 0x9e37_79b1) | 1;
  for (let at = 0; at < words.length; at++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer);
}

/** What the server made of an upload: the bytes that came, and something of its own after them (protocol notes 2.7). */
export class TailedContent implements Content {
  readonly #base: Content;
  readonly #tail: string;

  /** Takes over the caller's hold of `base`. */
  constructor(base: Content, tail: string) {
    this.#base = base;
    this.#tail = tail;
  }

  get size(): number {
    return this.#base.size + Buffer.byteLength(this.#tail);
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    const edge = this.#base.size;
    if (start < edge) yield* this.#base.read(start, Math.min(end, edge));
    if (end > edge) yield Buffer.from(this.#tail).subarray(Math.max(0, start - edge), end - edge);
  }

  retain(): void {
    this.#base.retain();
  }

  release(): void {
    this.#base.release();
  }

  record(): ContentRecord {
    return { base: this.#base.record(), tail: this.#tail };
  }
}
