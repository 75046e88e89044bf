/** Attempts whose outcome nobody knew: what they sent is ours wherever it is met. */
import type { ContentPrint } from './content-print.js';
import type { SendContext } from './send-context.js';
import type { Ino, Place } from './spool.js';
import { samePlace, type Tried } from './spool-entry.js';

/** How many contents with an unknown outcome are remembered. */
const MOST_EARLIER = 16;

/** Every content that an attempt may have left. */
export function printsOf(tried: Tried | null): readonly ContentPrint[] {
  return tried === null ? [] : [tried.content, ...tried.earlier];
}

/** An attempt of either may have got through. */
export function bothTried(own: Tried | null, replaced: Tried | null): Tried | null {
  if (own === null || replaced === null) return own ?? replaced;
  return { ...own, earlier: [...own.earlier, ...printsOf(replaced)].slice(-MOST_EARLIER) };
}

/** One more attempt, after `before`. */
export function attemptAt(
  place: Place,
  generation: number,
  content: ContentPrint,
  before: Tried | null,
): Tried {
  const earlier = [...(before?.earlier ?? [])];
  if (before !== null && before.generation !== generation) earlier.push(before.content);
  const copyOf = before?.copyOf;
  const isCopyOpen = copyOf !== undefined && samePlace(place, before!.place);
  return {
    ...{ place, generation, content, earlier: earlier.slice(-MOST_EARLIER) },
    ...(isCopyOpen && { copyOf }),
  };
}

/** The server said no: what may be there is what may have been there before the attempt. */
export function putTried({ ledger }: Pick<SendContext, 'ledger'>, ino: Ino, tried: Tried | null): void {
  const entry = ledger.overlay.get(ino);
  if (entry !== undefined) ledger.change({ put: [{ ...entry, tried }] });
}
