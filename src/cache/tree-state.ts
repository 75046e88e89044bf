/** How far the tree is known, kept over restarts beside its rows. */
import type { Database } from '../base/index.js';
import type { ChangeToken, SnapshotCursor } from '../drive/index.js';
import type { TreeEntry } from './tree-entry.js';

/**
 * - `unknown`  folder by folder, as they are asked for
 * - `snapshot` a snapshot is being read; `token` was taken before its first page
 * - `settling` all pages are there; what changed meanwhile is being caught up with
 * - `followed` every item is known, as of `token`
 */
export type TreeProgress =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'snapshot'; readonly token: ChangeToken; readonly cursor: SnapshotCursor | null }
  | { readonly kind: 'settling'; readonly token: ChangeToken }
  | { readonly kind: 'followed'; readonly token: ChangeToken };

/** The snapshot's pages that were asked for before `untilMs`; `hasLast`: the last one of all is among them. */
export interface EarlyCursors {
  readonly untilMs: number;
  readonly cursors: readonly (SnapshotCursor | null)[];
  readonly hasLast: boolean;
}

export const NO_EARLY_PAGES: EarlyCursors = { untilMs: 0, cursors: [], hasLast: false };

export class TreeState {
  readonly #database: Database;
  #progress: TreeProgress;
  #wholeAtMs: number | null;
  #leftOutAtMs: number | null;
  #generation: number;
  #early: EarlyCursors;

  constructor(database: Database) {
    this.#database = database;
    this.#progress = this.#read('progress', { kind: 'unknown' });
    this.#wholeAtMs = this.#read('wholeAtMs', null);
    this.#leftOutAtMs = this.#read('leftOutAtMs', null);
    this.#generation = this.#read('generation', 0);
    this.#early = this.#read('early', NO_EARLY_PAGES);
  }

  get progress(): TreeProgress {
    return this.#progress;
  }

  set progress(progress: TreeProgress) {
    this.#progress = progress;
    this.#write('progress', progress);
  }

  get isComplete(): boolean {
    return this.#progress.kind === 'followed';
  }

  /** When every folder was known as a whole for the last time; null: it never was. */
  get wholeAtMs(): number | null {
    return this.#wholeAtMs;
  }

  set wholeAtMs(wholeAtMs: number) {
    this.#wholeAtMs = wholeAtMs;
    this.#write('wholeAtMs', wholeAtMs);
  }

  /** A snapshot begins: what it will have left out is not known yet. */
  begin(token: ChangeToken, nowMs: number): void {
    this.generation += 1;
    this.progress = { kind: 'snapshot', token, cursor: null };
    this.#write('begunAtMs', nowMs);
    this.#setLeftOutAtMs(null);
  }

  /** The snapshot does not show all there is to know of a folder: only a listing since it began does. */
  leavesOut(): void {
    if (this.#leftOutAtMs === null) this.#setLeftOutAtMs(this.#read('begunAtMs', 0));
  }

  /** Since when a folder has to have been listed to be known; null: the last snapshot left nothing out. */
  get leftOutAtMs(): number | null {
    return this.#leftOutAtMs;
  }

  #setLeftOutAtMs(leftOutAtMs: number | null): void {
    this.#leftOutAtMs = leftOutAtMs;
    this.#write('leftOutAtMs', leftOutAtMs);
  }

  /** What is to be read once more. */
  get early(): EarlyCursors {
    return this.#early;
  }

  set early(early: EarlyCursors) {
    this.#early = early;
    this.#write('early', early);
  }

  /** The snapshot's number. */
  get generation(): number {
    return this.#generation;
  }

  set generation(generation: number) {
    this.#generation = generation;
    this.#write('generation', generation);
  }

  /** What is here turned out to be of another drive: it is to be dropped at the next start. */
  get isForeign(): boolean {
    return this.#read('isForeign', false);
  }

  markForeign(): void {
    this.#write('isForeign', true);
  }

  #read<Value>(name: string, missing: Value): Value {
    const text = this.#database.prepare('SELECT value FROM state WHERE name = ?').pluck().get(name);
    return typeof text === 'string' ? (JSON.parse(text) as Value) : missing;
  }

  #write(name: string, value: unknown): void {
    this.#database.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)').run(name, JSON.stringify(value));
  }
}

/** All children of the folder were known once. */
export function isWhole(folder: TreeEntry, state: TreeState): boolean {
  if (folder.listedAtMs !== null) return folder.listedAtMs !== 0;
  return state.wholeAtMs !== null && state.leftOutAtMs === null;
}

/** Of a folder with one listing that a snapshot shows: what that left out, the very first one will show as well. */
export function listedNow({ listedAtMs }: TreeEntry, { wholeAtMs }: TreeState): number | null {
  return listedAtMs !== null && listedAtMs < 0 && wholeAtMs === null ? -listedAtMs : null;
}

/** What was said at `atMs` is newer than what the last snapshot left out. */
export function isSinceLeftOut(atMs: number | null, { leftOutAtMs }: TreeState): boolean {
  return leftOutAtMs === null || (atMs ?? 0) > leftOutAtMs;
}

/** Since it has to be, for what is in it to be known. */
export function isListed({ listedAtMs }: TreeEntry, state: TreeState): boolean {
  return (listedAtMs ?? 0) > 0 && isSinceLeftOut(listedAtMs, state);
}
