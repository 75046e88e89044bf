/**
 * The bytes of an inode that somebody has open, shared by all of its handles: a version of the remote, a payload that
 * is owed, or a payload that is being written. It changes its source under the handles (a first write turns a remote
 * version into a payload) and keeps them bound to the right descriptor. It does not know where it is in the tree.
 */
import { closeSync, constants, openSync, read } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { CachedContent } from '../cache/index.js';
import type { Version } from '../drive/index.js';
import type { Update } from '../spool/index.js';
import type { FileHandle } from './file-handle.js';
import { FsError } from './fs-error.js';
import type { Inode } from './inode.js';
import type { KernelPort } from './kernel-port.js';
import type { Timestamp } from './request.js';

export type Source =
  | { readonly kind: 'remote'; readonly content: CachedContent }
  /**
   * A payload that nobody writes to; the descriptor is ours. `size`: when it was opened. `kept`: what the content cache
   * has the same file as, under another item; as long as that is open, the cache does not empty the file.
   */
  | {
      readonly kind: 'payload';
      readonly descriptor: number;
      readonly key: string;
      readonly size: number;
      readonly kept?: CachedContent;
    }
  | { readonly kind: 'update'; readonly update: Update };

export class OpenFile {
  readonly inode: Inode;
  readonly handles = new Set<FileHandle>();
  readonly #kernel: KernelPort;
  #source: Source;
  #isClosed = false;
  /** Written since the last commit. */
  dirty = false;
  /** When it was last written here, as long as the spool was not told. */
  modified: Timestamp | null = null;
  /** What the server has a payload's bytes as; null: nobody here knows that it has them. */
  storedAs: Version | null = null;
  /** While `source` is a payload or an update: its size as of the last write. */
  #payloadSize = 0;
  /** Reads under way; sources that were replaced meanwhile are let go after the last one. */
  #reading = 0;
  readonly #retired: Source[] = [];
  /** Writes under way that go through us; those through the bridge end when their handle is unbound. */
  readonly #writing = new Set<Promise<unknown>>();

  constructor(inode: Inode, source: Source, kernel: KernelPort) {
    this.inode = inode;
    this.#kernel = kernel;
    this.#source = source;
    this.#entered(source);
  }

  get source(): Source {
    return this.#source;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get size(): number {
    return this.#source.kind === 'remote' ? this.#source.content.size : this.#payloadSize;
  }

  get hasWriter(): boolean {
    for (const handle of this.handles) if (handle.isWriter) return true;
    return false;
  }

  /** Of the file on our disk that has all of its bytes; null: they are not all here. */
  get descriptor(): number | null {
    const source = this.#source;
    if (source.kind !== 'remote') return descriptorOf(source);
    return source.content.complete ? source.content.descriptor : null;
  }

  /** Tells pages of one content from pages of another: equal keys, equal bytes. */
  get pagesKey(): string {
    if (this.#source.kind === 'remote') return this.#source.content.version;
    return this.#source.kind === 'payload' ? this.#source.key : `update ${this.#source.update.generation}`;
  }

  /** A new handle, bound as its source says. A writer's first write must come to us: it begins an update. */
  add(handle: FileHandle): void {
    handle.boundTo = this.#descriptorFor(handle);
    this.handles.add(handle);
  }

  /**
   * Bytes up to `end` were written into the update; or into the payload that it has just become, by a writer that was
   * not unbound yet (`replaceSource` is under way).
   */
  grew(end: number, modified: Timestamp): void {
    this.#payloadSize = Math.max(this.#payloadSize, end);
    this.modified = modified;
    this.dirty = true;
  }

  resized(size: number, modified: Timestamp): void {
    this.#payloadSize = size;
    this.modified = modified;
    this.dirty = true;
  }

  /** From now on all handles read from and write to `source`; resolves when none uses the old one any more. */
  async replaceSource(source: Source): Promise<void> {
    if (this.#isClosed) {
      release(source);
      throw new FsError('ENOTCONN', 'the file was closed meanwhile');
    }
    const old = this.#source;
    this.#source = source;
    if (source.kind === 'update') this.storedAs = null;
    this.#entered(source);
    await Promise.all([...this.handles].map((handle) => this.#rebind(handle)));
    await Promise.allSettled(this.#writing);
    this.#retire(old);
  }

  /**
   * The content cache has the payload of `key` now, and would give its file to others once it needs the room: who reads
   * that payload reads the cache's content from now on, which is kept as long as it is open.
   */
  async adopted(key: string, content: CachedContent): Promise<void> {
    const isRead = !this.#isClosed && this.#source.kind === 'payload' && this.#source.key === key;
    if (isRead) await this.replaceSource({ kind: 'remote', content });
    else content.close();
  }

  /**
   * The same where the payload of `key` went into a conflict copy: what is open here is no version of that, and only its
   * bytes are the same.
   */
  adoptedByCopy(key: string, content: CachedContent): void {
    const source = this.#source;
    const isRead = !this.#isClosed && source.kind === 'payload' && source.key === key;
    if (isRead && source.kept === undefined) this.#source = { ...source, kept: content };
    else content.close();
  }

  /**
   * Writes into the update that is the source now, and tells of it by `grew`, both as `work`. The update's descriptor
   * stays until that has ended, and nobody sends the payload before.
   */
  async whileWriting<Result>(work: () => Promise<Result>): Promise<Result> {
    const writing = work();
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** At most `length` bytes from `offset`, of one version; fewer only at the end. */
  read(offset: number, length: number, signal: () => AbortSignal): Uint8Array | Promise<Uint8Array> {
    const source = this.#source;
    if (source.kind !== 'remote')
      return this.whileReading(readDescriptor(descriptorOf(source), offset, length));
    const answer = source.content.read(offset, length, signal());
    return answer instanceof Promise ? this.whileReading(answer) : answer;
  }

  /** The source that is read stays open until the work has ended, whatever takes its place meanwhile. */
  async whileReading<Result>(work: Promise<Result>): Promise<Result> {
    this.#reading += 1;
    try {
      return await work;
    } finally {
      this.#reading -= 1;
      if (this.#reading === 0) for (const source of this.#retired.splice(0)) release(source);
    }
  }

  #retire(source: Source): void {
    if (this.#reading > 0) this.#retired.push(source);
    else release(source);
  }

  /** Binds one handle to what its source says now. */
  async #rebind(handle: FileHandle): Promise<void> {
    const descriptor = this.#descriptorFor(handle);
    if (descriptor === handle.boundTo) return;
    handle.boundTo = descriptor;
    await this.#kernel.rebind(handle.id, descriptor);
  }

  #descriptorFor(handle: FileHandle): number | null {
    const source = this.#source;
    if (source.kind === 'update') return source.update.descriptor;
    if (handle.isWriter) return null;
    return this.descriptor;
  }

  #entered(source: Source): void {
    if (source.kind === 'update') this.#payloadSize = source.update.size;
    if (source.kind === 'payload') this.#payloadSize = source.size;
    if (source.kind !== 'remote' || source.content.complete) return;
    source.content.onComplete(() => {
      if (this.#source !== source) return;
      for (const handle of this.handles) void this.#rebind(handle);
    });
  }

  /** The last handle has gone. */
  close(): void {
    this.#isClosed = true;
    this.#retire(this.#source);
  }
}

function release(source: Source): void {
  if (source.kind === 'remote') source.content.close();
  else if (source.kind === 'update') source.update.close();
  else {
    closeSync(source.descriptor);
    source.kept?.close();
  }
}

function descriptorOf(source: Exclude<Source, { kind: 'remote' }>): number {
  return source.kind === 'update' ? source.update.descriptor : source.descriptor;
}

const readFromDescriptor = promisify(read);

async function readDescriptor(descriptor: number, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await readFromDescriptor(descriptor, buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** A payload for reading only. */
export function openPayload(file: string, key: string, size: number): Source {
  return { kind: 'payload', descriptor: openSync(file, 'r'), key, size };
}

/** Copies all bytes from one descriptor to another, sharing blocks where the disk can. */
export async function copyDescriptor(from: number, to: number): Promise<void> {
  await copyFile(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE);
}
