/**
 * The sparse file behind one content, opened when first needed. Reads and writes go through the thread pool. When the
 * file is emptied under readers and writers, what they did at that moment does not count.
 */
import { close, constants, fstatSync, fsync, ftruncate, open, openSync, read, writev } from 'node:fs';
import { promisify } from 'node:util';

const openAsync = promisify(open);
const readAsync = promisify(read);
const writevAsync = promisify(writev);
const truncateAsync = promisify(ftruncate);
const syncAsync = promisify(fsync);

/** Owner only: content is as private as the drive it is from. */
const FILE_MODE = 0o600;
const FLAGS = constants.O_RDWR | constants.O_CREAT;

export class SlotFile {
  readonly slot: number;
  readonly #path: string;
  #descriptor: number | null = null;
  #opening: Promise<void> | null = null;
  /** Grows each time the file is emptied. */
  #epoch = 0;
  #emptying: Promise<void> | null = null;
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
    await this.#emptying;
    const epoch = this.#epoch;
    await this.#whileBusy(() => this.#writeAll(offset, parts));
    return epoch === this.#epoch;
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
    this.#epoch += 1;
    this.#emptying = this.#whileBusy(() => truncateAsync(this.descriptor, 0));
    try {
      await this.#emptying;
    } finally {
      this.#emptying = null;
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
