/**
 * What others did in the seconds before the change token was taken is not in the log that begins there, and a front end that
 * lags behind does not show it in the snapshot's first pages either (protocol notes 5.2.6). Pages that were asked for so early
 * are read once more, with the next changes, when that can be no lag any more. Which ones is kept over restarts, what they
 * showed is not.
 */
import type { Clock } from '../base/index.js';
import {
  DriveError,
  type DriveErrorKind,
  type ItemId,
  type SnapshotCursor,
  type SnapshotPage,
} from '../drive/index.js';
import { NO_EARLY_PAGES, type TreeState } from './tree-state.js';

/** Of more early pages the last ones are read once more: what is new comes last. */
const MOST_PAGES = 16;
const MOST_ATTEMPTS = 3;
/** A cursor may be too old by then. */
const REFUSALS: ReadonlySet<DriveErrorKind> = new Set(['absent', 'denied', 'protocol']);

/** A page that was read once more. */
export interface PageAgain {
  readonly page: SnapshotPage;
  /** These were shown at first, and are not there now. */
  readonly missing: readonly ItemId[];
}

interface EarlyParts {
  readonly state: TreeState;
  readonly clock: Clock;
  readonly recent: { readonly lagMs: number };
}

export class EarlyPages {
  readonly #parts: EarlyParts;
  readonly #shown = new Map<SnapshotCursor | null, ReadonlySet<ItemId>>();
  #attempts = 0;
  #notBeforeMs: number;

  constructor(parts: EarlyParts) {
    this.#parts = parts;
    // Who has just begun has more to do, and somebody who waits for it.
    this.#notBeforeMs = parts.clock.now() + parts.recent.lagMs;
  }

  /** A snapshot begins, at the end of the log; in the transaction that says so. */
  begin(): void {
    const { state, clock, recent } = this.#parts;
    this.clear();
    state.early = { untilMs: clock.now() + recent.lagMs, cursors: [], hasLast: false };
  }

  /** A snapshot begins where the log is known. */
  clear(): void {
    this.#shown.clear();
    this.#attempts = 0;
    this.#parts.state.early = NO_EARLY_PAGES;
  }

  /** A page was read; in the transaction that stores the end of it. */
  read(cursor: SnapshotCursor | null, askedAtMs: number, page: SnapshotPage): void {
    const { state } = this.#parts;
    const { untilMs, cursors } = state.early;
    if (askedAtMs >= untilMs) return;
    const kept = [...cursors.filter((one) => one !== cursor), cursor].slice(-MOST_PAGES);
    state.early = { untilMs, cursors: kept, hasLast: page.next === null };
    this.#shown.set(cursor, new Set(idsIn(page)));
    for (const one of this.#shown.keys()) if (!kept.includes(one)) this.#shown.delete(one);
  }

  /** There is something to do by now. */
  get #isDue(): boolean {
    const { state, clock } = this.#parts;
    const { untilMs, cursors } = state.early;
    return cursors.length > 0 && clock.now() >= Math.max(untilMs, this.#notBeforeMs);
  }

  /** Those that are due, one after the other, once `ask` has stored them. What the server refuses thrice is left to the next snapshot. */
  async *readAgain(ask: (cursor: SnapshotCursor | null) => Promise<SnapshotPage>): AsyncGenerator<PageAgain> {
    const { state } = this.#parts;
    while (this.#isDue) {
      const [cursor, ...others] = state.early.cursors as [SnapshotCursor | null];
      const page = await ask(cursor).catch((error: unknown) => this.#failed(error));
      if (page === undefined) return;
      const before = this.#shown.get(cursor) ?? new Set();
      this.#shown.delete(cursor);
      const isOneMore = others.length === 0 && state.early.hasLast && page.next !== null;
      state.early = { ...state.early, cursors: isOneMore ? [page.next] : others };
      const now = new Set<ItemId | null>([...idsIn(page), ...page.unplaced]);
      yield { page, missing: [...before].filter((id) => !now.has(id)) };
    }
  }

  /** Who is not reached now, or not let in, will be. */
  #failed(error: unknown): undefined {
    if (!(error instanceof DriveError) || !REFUSALS.has(error.kind)) throw error;
    const { clock, recent } = this.#parts;
    this.#attempts += 1;
    this.#notBeforeMs = clock.now() + recent.lagMs;
    if (this.#attempts >= MOST_ATTEMPTS) this.clear();
    return undefined;
  }
}

function* idsIn({ items, unversioned }: SnapshotPage): Iterable<ItemId> {
  for (const { item } of items) yield item.id;
  for (const { item } of unversioned) yield item.id;
}
