/**
 * The sparse file behind one content, opened when first needed. Reads and writes go through the thread pool. When the
 * file, or a part of it, is emptied under readers and writers, what they did there at that moment does not count.
 */
import { close, constants, fstatSync, fsync, ftruncate, open, openSync, read, writev } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteRange } from '../base/index.js';

const openAsync = promisify(open);
const readAsync = promisify(read);
const writevAsync = promisify(writev);
const truncateAsync = promisify(ftruncate);
const syncAsync = promisify(fsync);

/** Owner only: content is as private as the drive it is from. */
const FILE_MODE = 0o600;
const FLAGS = constants.O_RDWR | constants.O_CREAT;

/** Gives that part of a file back to the disk; rejects where the file system cannot. */
export type PunchHole = (descriptor: number, offset: number, length: number) => Promise<void>;

interface Writing extends ByteRange {
  counts: boolean;
}

export class SlotFile {
  readonly slot: number;
  readonly #path: string;
  #descriptor: number | null = null;
  #opening: Promise<void> | null = null;
  /** Grows each time the file, or a part of it, is emptied. */
  #epoch = 0;
  readonly #emptying = new Set<Promise<void>>();
  readonly #writing = new Set<Writing>();
  /** Reads and writes under way; the descriptor is closed after the last one. */
  #busy = 0;
  #isClosing = false;

  constructor(slot: number, path: string) {
    this.slot = slot;
    this.#path = path;
  }

  /** Opens the file if need be; may throw as open(2) does. */
  get descriptor(): number {
    this.#isClosing = false;
    this.#descriptor ??= openSync(this.#path, FLAGS, FILE_MODE);
    return this.#descriptor;
  }

  /** Bytes up to the end of the file. */
  get length(): number {
    return fstatSync(this.descriptor).size;
  }

  get modifiedMs(): number {
    return fstatSync(this.descriptor).mtimeMs;
  }

  /** Null: the file was emptied meanwhile. Fewer bytes only at the end of the file. */
  async read(offset: number, length: number): Promise<Uint8Array | null> {
    const epoch = this.#epoch;
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#whileBusy(() => readAsync(this.descriptor, buffer, 0, length, offset));
    return epoch === this.#epoch ? buffer.subarray(0, bytesRead) : null;
  }

  /** Writes all of the parts one after another. False: the file was emptied meanwhile. */
  async write(offset: number, parts: readonly Uint8Array[]): Promise<boolean> {
    while (this.#emptying.size > 0) await Promise.allSettled(this.#emptying);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const writing: Writing = { offset, length, counts: true };
    this.#writing.add(writing);
    try {
      await this.#whileBusy(() => this.#writeAll(offset, parts));
    } finally {
      this.#writing.delete(writing);
    }
    return writing.counts;
  }

  /** Bytes will come soon: the file is there by then. Whether it can be had is for the write to tell. */
  prepare(): void {
    if (this.#descriptor === null) void this.#whileBusy(() => this.#openAside()).catch(() => undefined);
  }

  /** To make a file takes half a millisecond (measured), which nobody else need wait for. */
  async #openAside(): Promise<void> {
    this.#opening ??= this.#openInPool().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  async #openInPool(): Promise<void> {
    const descriptor = await openAsync(this.#path, FLAGS, FILE_MODE);
    if (this.#descriptor === null) this.#descriptor = descriptor;
    else close(descriptor);
  }

  async #writeAll(offset: number, parts: readonly Uint8Array[]): Promise<void> {
    if (this.#descriptor === null) await this.#openAside();
    let left = [...parts];
    for (let at = offset; left.length > 0; ) {
      const { bytesWritten } = await writevAsync(this.descriptor, left, at);
      at += bytesWritten;
      left = withoutFirst(left, bytesWritten);
    }
  }

  async empty(): Promise<void> {
    const all = { offset: 0, length: Number.POSITIVE_INFINITY };
    await this.#whileEmptying([all], () => truncateAsync(this.descriptor, 0));
  }

  /** Gives parts of it back to the disk. */
  async punch(parts: readonly ByteRange[], punchHole: PunchHole): Promise<void> {
    await this.#whileEmptying(parts, async () => {
      for (const { offset, length } of parts) await punchHole(this.descriptor, offset, length);
    });
  }

  async #whileEmptying(parts: readonly ByteRange[], work: () => Promise<void>): Promise<void> {
    this.#epoch += 1;
    for (const writing of this.#writing)
      if (parts.some((part) => overlap(part, writing))) writing.counts = false;
    const emptying = this.#whileBusy(work);
    this.#emptying.add(emptying);
    try {
      await emptying;
    } finally {
      this.#emptying.delete(emptying);
    }
  }

  sync(): Promise<void> {
    return this.#whileBusy(() => syncAsync(this.descriptor));
  }

  /** Lets the descriptor go as soon as nothing uses it; a later use opens the file again. */
  close(): void {
    this.#isClosing = true;
    if (this.#busy === 0) this.#closeNow();
  }

  #closeNow(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    this.#isClosing = false;
    if (descriptor !== null) close(descriptor);
  }

  async #whileBusy<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0 && this.#isClosing) this.#closeNow();
    }
  }
}

function overlap(one: ByteRange, other: ByteRange): boolean {
  return one.offset < other.offset + other.length && other.offset < one.offset + one.length;
}

function withoutFirst(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      left.push(skip === 0 ? part : part.subarray(skip));
      skip = 0;
    }
  }
  return left;
}
