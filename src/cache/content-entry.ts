/**
 * One version of one item while somebody uses it: what of it is here, what is on its way, who waits for which bytes.
 * The same bytes are never asked for twice at once, and a reply never mixes versions. Whether there is room on the
 * disk is the cache's business; where there is none, bytes are handed through without being kept.
 */
import type { ByteRange, RangeSet } from '../base/index.js';
import type { ContentStream, ItemId, Lane, Version } from '../drive/index.js';
import { inBlocks } from './block-range.js';
import { collectRange } from './collect-range.js';
import type { CachedContent } from './content-cache.js';
import { ContentFetches } from './content-fetches.js';
import type { ContentRecord } from './content-index.js';
import { isDiskFull, noRoom } from './disk-full.js';
import type { EntryOwner } from './entry-owner.js';
import type { RangeFetch } from './range-fetch.js';
import { RangeUse } from './range-use.js';
import { RangeWaiters } from './range-waiters.js';
import { inPortions, ReadAhead } from './read-ahead.js';
import type { SlotFile } from './slot-file.js';
import { VainWait } from './vain-wait.js';

export class ContentEntry implements CachedContent {
  readonly item: ItemId;
  version: Version;
  readonly file: SlotFile;
  /** Of what is here while it is not all of it. */
  readonly use = new RangeUse();
  readonly #owner: EntryOwner;
  readonly #present: RangeSet;
  readonly #waiters = new RangeWaiters();
  readonly #vainWait: VainWait;
  readonly #readAhead: ReadAhead;
  readonly #fetches: ContentFetches;
  readonly #onComplete: (() => void)[] = [];
  #size: number;
  #isCompleted: boolean;
  users = 0;
  /** Its file may belong to another content by now. */
  isGone = false;
  /** Bytes that came since the index was told. */
  unrecordedBytes = 0;
  /** To be thrown away when nobody uses it any more. */
  isDoomed = false;
  /** All of it stays as long as it is open, whatever room it takes. */
  isKept = false;
  durableMs: number | null;

  constructor(owner: EntryOwner, record: ContentRecord, file: SlotFile) {
    this.#owner = owner;
    this.#vainWait = new VainWait(owner.clock);
    this.item = record.item;
    this.version = record.version;
    this.file = file;
    this.#size = record.size;
    this.#present = record.present;
    this.durableMs = record.durableMs;
    this.#isCompleted = this.complete;
    if (!this.complete) for (const range of record.present) this.use.used(range, owner.clock.now());
    this.#readAhead = new ReadAhead(owner.limits.readAheadBytes);
    this.#fetches = this.#fetchesFor(owner);
  }

  get size(): number {
    return this.#size;
  }

  get complete(): boolean {
    return this.#present.contains({ offset: 0, length: this.#size });
  }

  get descriptor(): number {
    return this.file.descriptor;
  }

  get bytes(): number {
    return this.#present.size;
  }

  get record(): ContentRecord {
    const { item, version, size, durableMs } = this;
    return { slot: this.file.slot, item, version, size, present: this.#present, durableMs };
  }

  read(offset: number, length: number, signal: AbortSignal): Uint8Array | Promise<Uint8Array> {
    const range = this.#clip({ offset, length });
    if (range.length === 0) return new Uint8Array();
    return this.#wanted(range, () => this.#read(range, signal));
  }

  async arrive(offset: number, length: number, signal: AbortSignal): Promise<void> {
    const range = this.#clip({ offset, length });
    if (range.length > 0) await this.#wanted(range, () => this.#come(range, signal));
  }

  /** What is waited for goes first, what may be wanted next follows. */
  #wanted<Answer>(range: ByteRange, wait: () => Answer): Answer {
    if (!this.#isCompleted) this.use.used(range, this.#owner.clock.now());
    this.#owner.counted(this.#present.contains(range));
    const answer = wait();
    this.#fetchAhead(range);
    return answer;
  }

  async fill(signal: AbortSignal): Promise<void> {
    this.isKept = true;
    await this.fillIn('interactive', signal);
  }

  async fillIn(lane: Lane, signal: AbortSignal): Promise<void> {
    while (!this.complete) {
      signal.throwIfAborted();
      const missing = this.#present.missing({ offset: 0, length: this.#size })[0]!;
      if (!this.#owner.hasRoom(this, missing.length)) throw noRoom();
      this.#fetches.request({ offset: 0, length: this.#size }, lane, this.#owner.limits.requestBytes);
      await this.#waiters.wait(this.#clip({ offset: missing.offset, length: 1 }), signal);
    }
  }

  onComplete(callback: () => void): void {
    if (this.complete) callback();
    else this.#onComplete.push(callback);
  }

  close(): void {
    this.users -= 1;
    if (this.users > 0) return;
    this.#fetches.abort(new Error('nobody reads it any more'));
    this.#owner.released(this);
  }

  /** Resolves when nothing writes into the file any more. */
  async settled(): Promise<void> {
    await this.#fetches.settled();
  }

  /** The whole content is in another file: copies it. */
  async takeFrom(source: SlotFile, size: number): Promise<void> {
    const portion = this.#owner.limits.unwrittenBytes;
    this.#resize(size);
    for (let at = 0; at < size; at += portion) {
      const bytes = await source.read(at, Math.min(portion, size - at));
      if (bytes === null || !(await this.file.write(at, [bytes]))) return;
      this.#present.add({ offset: at, length: bytes.length });
    }
    this.#progressed();
  }

  /** These parts are not here any more, as its record says from now on; how many bytes that is. */
  drop(parts: readonly ByteRange[]): number {
    const before = this.#present.size;
    if (!this.complete) for (const part of parts) this.#present.remove(part);
    return before - this.#present.size;
  }

  /** Gives all of its disk space back, if that is possible: what is complete may be read behind our back. */
  async empty(): Promise<number> {
    if (this.complete) return 0;
    const bytes = this.#present.size;
    this.#present.truncate(0);
    await this.file.empty();
    return bytes;
  }

  async #read(range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const handedThrough = await this.#come(range, signal);
      if (handedThrough !== null) return handedThrough;
      const wanted = this.#clip(range);
      if (wanted.length === 0) return new Uint8Array();
      const bytes = await this.file.read(wanted.offset, wanted.length);
      if (bytes?.length === wanted.length) return bytes;
      if (bytes !== null) this.#lost(wanted);
    }
  }

  /** Resolves when all of it that the content has is in the file; with the bytes, if there is no room to keep them. */
  async #come(range: ByteRange, signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      signal.throwIfAborted();
      const wanted = this.#clip(range);
      if (this.#present.contains(wanted)) return null;
      const { justFailed } = this.#vainWait;
      if (justFailed !== null) throw justFailed;
      if (!this.#owner.hasRoom(this, wanted.length))
        return this.#vainWait.through(this.#handThrough(wanted, signal));
      this.#fetches.request(
        this.#clip(inBlocks(wanted, this.#owner.limits.blockBytes)),
        'interactive',
        Number.POSITIVE_INFINITY,
      );
      await this.#vainWait.through(this.#waiters.wait(wanted, signal));
    }
  }

  /** The file is shorter than it should be: somebody else cut it. */
  #lost(range: ByteRange): void {
    this.#isCompleted = false;
    this.#present.truncate(range.offset);
  }

  #fetchAhead(range: ByteRange): void {
    const ahead = this.#clip(this.#readAhead.next(range));
    this.use.soon(ahead, this.#owner.clock.now());
    const isInVain = this.#fetches.isOutdated || this.#vainWait.justFailed !== null;
    if (ahead.length === 0 || this.complete || isInVain || !this.#owner.hasRoom(this, ahead.length)) return;
    const { range: whole, portion } = inPortions(ahead, this.#size, this.#owner.limits);
    if (whole.length > 0) this.#fetches.request(whole, 'interactive', portion);
  }

  #fetchesFor(owner: EntryOwner): ContentFetches {
    const size = () => this.#size;
    return new ContentFetches({
      get size() {
        return size();
      },
      present: this.#present,
      limits: owner.limits,
      open: (range, lane, signal) => {
        this.file.prepare();
        return owner.fetch(this, range, lane, signal);
      },
      opened: (stream) => this.#opened(stream),
      write: (offset, parts, lane) => this.#write(offset, parts, lane),
      ended: (fetch, reached) => this.#ended(fetch, reached),
      failed: (fetch, error) => this.#failed(fetch, error),
    });
  }

  #opened(stream: ContentStream): void {
    if (stream.totalSize !== null && stream.totalSize !== this.#size) this.#resize(stream.totalSize);
  }

  async #write(offset: number, parts: readonly Uint8Array[], lane: Lane): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const counts = await this.#writeToDisk(offset, parts);
    if (!counts) return;
    const before = this.#present.size;
    this.#present.add({ offset, length });
    this.use.used({ offset, length }, this.#owner.clock.now());
    this.#owner.arrived(this, this.#present.size - before, lane);
    this.#progressed();
  }

  async #writeToDisk(offset: number, parts: readonly Uint8Array[]): Promise<boolean> {
    try {
      return await this.file.write(offset, parts);
    } catch (error) {
      if (!isDiskFull(error) || !(await this.#owner.diskFull(this))) throw error;
      return this.file.write(offset, parts);
    }
  }

  #ended(fetch: RangeFetch, reached: number): void {
    // A shorter answer than asked for comes only at the end of the content.
    const isEnd = fetch.end === Number.POSITIVE_INFINITY || reached < Math.min(fetch.end, this.#size);
    if (isEnd && reached !== this.#size) this.#resize(reached);
    this.#progressed();
    this.#lookAgain();
  }

  #failed(fetch: RangeFetch, error: unknown): void {
    const end = Math.min(fetch.end, Number.MAX_SAFE_INTEGER);
    const left = { offset: fetch.position, length: end - fetch.position };
    // With a full disk nothing is kept: waiters try again, and get it handed through. The same for those who came
    // when the last reader before them had just left.
    if (!isDiskFull(error) && !fetch.isAborted) this.#waiters.failed(left, error);
    this.#lookAgain();
  }

  /** Whoever still waits may wait for what nobody fetches: the file was emptied, or there were too many requests. */
  #lookAgain(): void {
    this.#waiters.arrived(() => true);
  }

  /** The listed size was not the served one (protocol notes 2.7). */
  #resize(size: number): void {
    this.#size = size;
    this.#present.truncate(size);
  }

  #progressed(): void {
    this.#waiters.arrived((range) => this.#present.contains(this.#clip(range)));
    if (this.#isCompleted || !this.complete) return;
    this.#isCompleted = true;
    this.#owner.completed(this);
    for (const callback of this.#onComplete.splice(0)) callback();
  }

  /** Straight from the server to the reader, for want of room. */
  async #handThrough(range: ByteRange, signal: AbortSignal): Promise<Uint8Array> {
    const stream = await this.#owner.fetch(this, range, 'interactive', signal);
    this.#opened(stream);
    return collectRange(stream, range);
  }

  #clip({ offset, length }: ByteRange): ByteRange {
    return { offset, length: Math.max(0, Math.min(length, this.#size - offset)) };
  }
}
