/**
 * Takes in the bytes of uploads, as they arrive, and keeps them: small ones in memory, others in one file each below
 * the vault's directory. An upload that breaks off leaves nothing.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BlobContent,
  type Content,
  type ContentRecord,
  MemoryContent,
  PatternContent,
  TailedContent,
} from './content.js';

/** Uploads up to this size stay in memory. */
const MEMORY_BYTES = 64 * 1024;

const ZEROS = Buffer.alloc(64 * 1024);

/** More bytes came than the caller was ready to take. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
}

export class ContentVault {
  readonly #keepAfterClose: boolean;
  #directory: string | null;
  #made = 0;
  /** What `restore` gave out, until `sweep`: copies share their bytes on disk. */
  readonly #restored = new Map<string, BlobContent>();

  /** Without a directory a temporary one is made when first needed, and removed by `close`. */
  constructor(directory: string | null) {
    this.#keepAfterClose = directory !== null;
    this.#directory = directory;
    if (directory !== null) mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Reads `body` to its end; throws `TooManyBytes` past the limit, or whatever the body throws. */
  async receive(body: AsyncIterable<Uint8Array>, limitBytes = Number.POSITIVE_INFINITY): Promise<Content> {
    const parts = this.startParts();
    try {
      await parts.append(body, limitBytes);
      return await parts.finish();
    } catch (error) {
      await parts.discard();
      throw error;
    }
  }

  startParts(): ContentParts {
    return new ContentParts(() => this.#newBlob());
  }

  restore(record: ContentRecord): Content {
    if ('text' in record) return new MemoryContent(Buffer.from(record.text, 'base64'));
    if ('pattern' in record) return new PatternContent(record.pattern, record.size);
    if ('base' in record) return new TailedContent(this.restore(record.base), record.tail);
    const known = this.#restored.get(record.blob);
    known?.retain();
    if (known !== undefined) return known;
    const restored = new BlobContent(join(this.#directory ?? '', record.blob), record.blob, record.size);
    this.#restored.set(record.blob, restored);
    return restored;
  }

  /** After everything was restored: removes what no file holds, such as uploads that a crash broke off. */
  sweep(): void {
    const names = this.#directory === null ? [] : readdirSync(this.#directory);
    for (const name of names) {
      if (!this.#restored.has(name)) rmSync(join(this.#directory!, name), { force: true });
    }
    this.#restored.clear();
  }

  close(): void {
    if (this.#directory !== null && !this.#keepAfterClose)
      rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = this.#keepAfterClose ? this.#directory : null;
  }

  #newBlob(): BlobPlace {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'standin-'));
    const name = `${Date.now().toString(36)}-${process.pid.toString(36)}-${(this.#made++).toString(36)}`;
    return { name, path: join(this.#directory, name) };
  }
}

interface BlobPlace {
  readonly name: string;
  readonly path: string;
}

/**
 * Content that grows part by part, as a chunked upload does. A part counts when it is whole; one that breaks off is taken
 * back, and the next one waits until it is.
 */
export class ContentParts {
  readonly #newBlob: () => BlobPlace;
  #memory: Buffer[] = [];
  /** Of whole parts. */
  #size = 0;
  /** Up to where bytes were written. */
  #end = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #place: BlobPlace | null = null;
  #file: FileHandle | null = null;

  constructor(newBlob: () => BlobPlace) {
    this.#newBlob = newBlob;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** `check` runs when it is this part's turn; what it throws refuses the part. */
  append(body: AsyncIterable<Uint8Array>, limitBytes: number, check: () => void = () => {}): Promise<void> {
    const done = this.#turn.then(() => {
      check();
      return this.#appendNow(body, limitBytes);
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  async #appendNow(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<void> {
    try {
      for await (const bytes of body) {
        if (this.#end - this.#size + bytes.length > limitBytes)
          throw new TooManyBytes('the body is too large');
        await this.#write(bytes);
      }
      this.#size = this.#end;
    } catch (error) {
      await this.#truncate(this.#size);
      throw error;
    }
  }

  async finish(): Promise<Content> {
    if (this.#place === null) return new MemoryContent(Buffer.concat(this.#memory));
    await this.#file!.truncate(this.#size);
    await this.#file!.close();
    return new BlobContent(this.#place.path, this.#place.name, this.#size);
  }

  async discard(): Promise<void> {
    this.#memory = [];
    await this.#file?.close().catch(() => {});
    if (this.#place !== null) rmSync(this.#place.path, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#file === null && this.#end + bytes.length > MEMORY_BYTES) await this.#spill();
    if (this.#file === null) this.#memory.push(Buffer.from(bytes));
    else if (!isZeros(bytes)) await writeWhole(this.#file, bytes, this.#end);
    this.#end += bytes.length;
  }

  async #spill(): Promise<void> {
    this.#place = this.#newBlob();
    this.#file = await open(this.#place.path, 'wx', 0o600);
    await writeWhole(this.#file, Buffer.concat(this.#memory), 0);
    this.#memory = [];
  }

  async #truncate(size: number): Promise<void> {
    if (this.#file !== null) await this.#file.truncate(size);
    else this.#memory = [Buffer.concat(this.#memory).subarray(0, size)];
    this.#end = size;
  }
}

/** Zeros become holes, so that a file of tens of gigabytes can be received on any disk. */
function isZeros(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const piece = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(piece, 0, piece.length, 0, piece.length) !== 0) return false;
  }
  return true;
}

async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
