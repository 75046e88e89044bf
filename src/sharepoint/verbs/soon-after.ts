/**
 * A look, and the request that relies on it. Not every server heeds conditions, and a request may wait for a pause, a new
 * session or its turn for longer than what was seen holds: then it does not leave, and a new look is taken.
 */
import type { Clock } from '../../base/index.js';
import type { HttpRequest } from '../http/transport.js';

/** Twice as long after each time it was in vain, so that it gets through a crowd. */
const HOLDS_MS = 1_000;
/** After so many looks it goes out whenever its turn comes. */
const MOST_LOOKS = 5;

/** What a request relies on was looked at. */
export interface Relying {
  /** Asked before each attempt leaves. If this throws, it does not. */
  readonly onAttempt?: () => void;
}

/** Of a request: it is asked, and goes before others that wait. */
export function relying({ onAttempt }: Relying): Pick<HttpRequest, 'onAttempt' | 'isSoon'> {
  return onAttempt === undefined ? {} : { onAttempt, isSoon: true };
}

/** Never told to anybody but `soonAfter`. */
class LookIsOld extends Error {}

export async function soonAfter<Seen, Answer>(
  clock: Clock,
  look: () => Promise<Seen>,
  send: (seen: Seen, onAttempt: () => void) => Promise<Answer>,
): Promise<Answer> {
  for (let looks = 1; ; looks += 1) {
    const seen = await look();
    const holdsToMs = looks < MOST_LOOKS ? clock.monotonic() + HOLDS_MS * 2 ** (looks - 1) : Infinity;
    const onAttempt = () => {
      if (clock.monotonic() > holdsToMs) throw new LookIsOld('what was looked at is too long ago');
    };
    try {
      return await send(seen, onAttempt);
    } catch (error) {
      if (!(error instanceof LookIsOld)) throw error;
    }
  }
}
