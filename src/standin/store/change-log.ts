/**
 * The library's change log: what happened, in order, with tokens that expire after 60 days by the stand-in's clock
 * (protocol notes 3.4). A token is `1;3;<list GUID>;<ticks>;<sequence>`.
 */
export type ChangeType = 'add' | 'update' | 'delete' | 'rename' | 'move-away' | 'move-into' | 'restore';

export interface ChangeEntry {
  readonly sequence: number;
  readonly atMs: number;
  readonly type: ChangeType;
  readonly number: number;
  readonly isFolder: boolean;
}

/** Entries kept at most; the oldest tenth goes when it is full. */
const ENTRY_LIMIT = 2_000_000;
const TICKS_PER_MS = 10_000n;
/** .NET ticks count from year 1. */
const EPOCH_TICKS = 621_355_968_000_000_000n;

/** The token is not of this list, or older than the log. */
export class BadChangeToken extends Error {
  override readonly name = 'BadChangeToken';
}

export class ChangeLog {
  readonly #listId: string;
  #entries: ChangeEntry[] = [];
  #next = 1;
  /** Tokens below this cannot be served any more. */
  #floor = 0;

  constructor(listId: string) {
    this.#listId = listId;
  }

  add(change: Omit<ChangeEntry, 'sequence'>): ChangeEntry {
    const entry = { sequence: this.#next++, ...change };
    this.#entries.push(entry);
    if (this.#entries.length > ENTRY_LIMIT) this.#drop(ENTRY_LIMIT / 10);
    return entry;
  }

  /** Takes up an entry that a journal kept. */
  restore(entry: ChangeEntry): void {
    this.#entries.push(entry);
    this.#next = Math.max(this.#next, entry.sequence + 1);
  }

  /** The token of the log's end. */
  end(nowMs: number): string {
    return this.#token(this.#next - 1, nowMs);
  }

  /** A token before everything that the log still has. */
  beginning(nowMs: number): string {
    return this.#token(this.#floor, nowMs);
  }

  tokenAfter(entry: ChangeEntry): string {
    return this.#token(entry.sequence, entry.atMs);
  }

  /** The entries after `token`, oldest first, at most `limit`. Throws `BadChangeToken`. */
  since(token: string, limit: number, oldestMs: number): { entries: ChangeEntry[]; more: boolean } {
    const after = this.#parse(token, oldestMs);
    const from = this.#firstAfter(after);
    const entries = this.#entries.slice(from, from + limit);
    return { entries, more: from + limit < this.#entries.length };
  }

  #token(sequence: number, atMs: number): string {
    return `1;3;${this.#listId};${BigInt(Math.floor(atMs)) * TICKS_PER_MS + EPOCH_TICKS};${sequence}`;
  }

  #parse(token: string, oldestMs: number): number {
    const match = /^1;3;([0-9a-f-]{36});(\d+);(\d+)$/i.exec(token.trim());
    if (match === null || match[1]!.toLowerCase() !== this.#listId) {
      throw new BadChangeToken('The changeToken refers to another list or is malformed.');
    }
    const atMs = Number((BigInt(match[2]!) - EPOCH_TICKS) / TICKS_PER_MS);
    const sequence = Number(match[3]);
    if (atMs < oldestMs || sequence < this.#floor || sequence >= this.#next) {
      throw new BadChangeToken(
        'The changeToken refers to a time before the start of the current change log.',
      );
    }
    return sequence;
  }

  #firstAfter(sequence: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #drop(count: number): void {
    this.#floor = this.#entries[count - 1]!.sequence;
    this.#entries = this.#entries.slice(count);
  }
}
