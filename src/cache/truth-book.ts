/**
 * What came into the tree in the last seconds, kept beside its rows for who is started again within that time: the
 * server's front ends may still show what was before (protocol notes 5.2.6), and the change log, read as far as the tree
 * is, would never tell of it again. Written in the transaction of the truth itself; only ever read at the start.
 */
import type { Clock, Database, Statement } from '../base/index.js';
import type { ItemId } from '../drive/index.js';
import type { MovedFolder } from './folder-moves.js';
import type { ShownState } from './states-before.js';

export const TRUTH_BOOK_SCRIPT = `
CREATE TABLE truth_book (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, page TEXT NOT NULL) STRICT;
`;

/** Looked for what may go after so many. */
const NOTES_BETWEEN_LOOKS = 256;

export type TruthNote =
  /** Who changed it, and what it was before; null: nothing that the server showed. */
  | { readonly kind: 'ours' | 'told'; readonly id: ItemId; readonly before: ShownState | null }
  | { readonly kind: 'move'; readonly move: MovedFolder };

export interface TruthBookLimits {
  readonly lagMs: number;
  readonly mostRecentItems: number;
}

export class TruthBook {
  readonly #clock: Clock;
  readonly #limits: TruthBookLimits;
  readonly #insert: Statement;
  readonly #forget: Statement;
  readonly #notes: Statement;
  #last: number;

  constructor(database: Database, clock: Clock, limits: TruthBookLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#insert = database.prepare('INSERT INTO truth_book VALUES (?, ?, ?)');
    this.#forget = database.prepare('DELETE FROM truth_book WHERE number <= ? OR at < ?');
    this.#notes = database.prepare('SELECT at, page FROM truth_book ORDER BY number').raw();
    this.#last = database.prepare('SELECT ifnull(max(number), 0) FROM truth_book').pluck().get() as number;
    this.#forgetOld();
  }

  /** What may still be shown as it was before, oldest first, and how long ago it changed. */
  recall(): { readonly note: TruthNote; readonly agoMs: number }[] {
    const nowMs = this.#clock.now();
    const rows = this.#notes.all() as [at: number, page: string][];
    // Where the machine's clock was set back meanwhile, it was just now.
    return rows.map(([at, page]) => ({
      note: JSON.parse(page) as TruthNote,
      agoMs: Math.max(0, nowMs - at),
    }));
  }

  add(note: TruthNote): void {
    this.#last += 1;
    this.#insert.run(this.#last, Math.round(this.#clock.now()), JSON.stringify(note));
    if (this.#last % NOTES_BETWEEN_LOOKS === 0) this.#forgetOld();
  }

  #forgetOld(): void {
    const { lagMs, mostRecentItems } = this.#limits;
    this.#forget.run(this.#last - mostRecentItems, Math.round(this.#clock.now() - lagMs));
  }
}
