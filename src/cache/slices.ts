/** Long work in short slices, so that the event loop is never held up. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../base/index.js';

/** Well below the 10 ms that the loop may be blocked: one item may be dearer than the rest. */
const SLICE_MS = 4;
const ITEMS_PER_LOOK = 8;

export interface SlicedWork<Item> {
  readonly items: Iterable<Item>;
  readonly database: Database;
  /** What has to be done before `apply`, in pieces of which each is short: other turns may come in between. */
  ahead?(item: Item): Iterable<void>;
  /** Synchronous; all calls of a slice are in one transaction. */
  apply(item: Item): void;
  /** What there is to do once all items are applied, in pieces like those of `ahead`. */
  behind?(): Iterable<void>;
  /** After each slice, outside of its transaction. */
  afterSlice?(): void;
  /** In the transaction of the last slice. */
  finish?(): void;
  /** Between two slices: resolves when the next one may be done. */
  makeWay?(): Promise<void>;
  readonly signal?: AbortSignal;
}

export async function inSlices<Item>(work: SlicedWork<Item>): Promise<void> {
  const iterator = piecesOf(work);
  const slice = work.database.transaction(() => {
    const done = runSlice(iterator, work);
    if (done) work.finish?.();
    return done;
  });
  for (;;) {
    const done = slice();
    work.afterSlice?.();
    if (done) return;
    await nextTurn();
    await work.makeWay?.();
    work.signal?.throwIfAborted();
  }
}

/** A piece of what comes before an item, or behind all of them. */
const PIECE = Symbol('piece');

function* piecesOf<Item>(work: SlicedWork<Item>): Iterator<Item | typeof PIECE> {
  for (const item of work.items) {
    for (const _ of work.ahead?.(item) ?? []) yield PIECE;
    yield item;
  }
  for (const _ of work.behind?.() ?? []) yield PIECE;
}

function runSlice<Item>(iterator: Iterator<Item | typeof PIECE>, work: SlicedWork<Item>): boolean {
  const end = performance.now() + SLICE_MS;
  for (let count = 1; ; count += 1) {
    const next = iterator.next();
    if (next.done) return true;
    if (next.value !== PIECE) work.apply(next.value);
    const isToLook = next.value === PIECE || count % ITEMS_PER_LOOK === 0;
    if (isToLook && performance.now() > end) return false;
  }
}
