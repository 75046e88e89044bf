/**
 * Notices a server that refuses whatever it gives out, so that nobody asks it for ever more. What counts is a session
 * that was made because of a refusal, and is refused at the same door before it ever served there; all others simply
 * came to their end, however often that happens.
 */
import type { Clock } from '../../../base/index.js';
import type { SessionStamp } from '../../http/authenticator.js';

/** More than this in a minute are no accident. */
const MAX_PER_MINUTE = 10;
export const MINUTE_MS = 60_000;

type Door = 'rest' | 'dav';

export class RefusalFlood {
  readonly #clock: Clock;
  readonly #taken: Record<Door, SessionStamp | null> = { rest: null, dav: null };
  readonly #madeFor: Record<Door, SessionStamp | null> = { rest: null, dav: null };
  #refusedAt: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request to `url` under the session of `stamp` was answered as it should be. */
  noteTaken(url: URL, stamp: SessionStamp): void {
    this.#taken[doorOf(url)] = stamp;
  }

  /** The session of `stamp` was made because a request to `url` was refused. */
  noteReplacement(url: URL, stamp: SessionStamp): void {
    this.#madeFor[doorOf(url)] = stamp;
  }

  /** Whether the session of `stamp` ever served for such a request. */
  wasTaken(url: URL, stamp: SessionStamp): boolean {
    return this.#taken[doorOf(url)] === stamp;
  }

  /** Counts a refusal of the session of `stamp`; true when there are too many. */
  isTooMany(url: URL, stamp: SessionStamp): boolean {
    if (this.wasTaken(url, stamp) || this.#madeFor[doorOf(url)] !== stamp) return false;
    const now = this.#clock.monotonic();
    const recent = this.#refusedAt.filter((at) => now - at < MINUTE_MS);
    this.#refusedAt = [...recent, now].slice(-MAX_PER_MINUTE - 1);
    return this.#refusedAt.length > MAX_PER_MINUTE;
  }
}

/** A tenant may let programs in at the one and not at the other. */
function doorOf(url: URL): Door {
  return /\/_api\//i.test(url.pathname) ? 'rest' : 'dav';
}
