/**
 * How many versions a move makes of an item, and a time that we tell: no source says (protocol notes 2.2), so that the
 * server's own answers do. Where there are more of them than usual, somebody else's edit came in between, though it has
 * the same size, and the very time that the item had or was told.
 */
export type Stepping = 'moves' | 'times';

/** How many attempts at each there were. */
export type Attempts = Readonly<Record<Stepping, number>>;

/**
 * So many doubts in a row that the bytes cleared, and there is no doubt any more: a server that goes on writing properties
 * into some of what it got would have each of those read back.
 */
const CLEARED_DOUBTS = 8;

export class StepLengths {
  readonly #seen: Record<Stepping, Map<number, number>> = { moves: new Map(), times: new Map() };
  readonly #cleared: Record<Stepping, Map<number, number>> = { moves: new Map(), times: new Map() };

  /** One step that was answered led that far. */
  add(stepping: Stepping, length: number): void {
    const seen = this.#seen[stepping];
    if (length >= 0) seen.set(length, (seen.get(length) ?? 0) + 1);
  }

  /** One that led farther than usual was compared: nobody's edit was in it, or somebody's was. */
  compared(stepping: Stepping, length: number, isEdited: boolean): void {
    const cleared = this.#cleared[stepping];
    if (isEdited) cleared.clear();
    else cleared.set(length, (cleared.get(length) ?? 0) + 1);
  }

  isKnown(stepping: Stepping): boolean {
    return this.#seen[stepping].size > 0;
  }

  /** The most that such attempts lead to without anybody else; Infinity as long as nothing was answered. */
  most({ moves, times }: Attempts): number {
    return (
      (moves === 0 ? 0 : moves * this.#usual('moves')) + (times === 0 ? 0 : times * this.#usual('times'))
    );
  }

  /**
   * The one that was seen most often: a server that lags may tell of none, and the first answers of all may have an edit
   * in them. The longer one of two: a doubt costs a look at the bytes.
   */
  #usual(stepping: Stepping): number {
    let [usual, most] = [Number.POSITIVE_INFINITY, 0];
    for (const [length, count] of this.#seen[stepping]) {
      if (count < most || (count === most && length < usual)) continue;
      [usual, most] = [length, count];
    }
    for (const [length, count] of this.#cleared[stepping])
      if (count >= CLEARED_DOUBTS) usual = Math.max(usual, length);
    return usual;
  }
}
