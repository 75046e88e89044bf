/** When to renew, as pure arithmetic: ahead of the end, jittered, and at least daily so that sliding lifetimes slide. */

export interface SessionLife {
  readonly renewedAt: number;
  /** By our clock; null when the cookie does not tell. */
  readonly expiresAt: number | null;
  /** How long such sessions were seen to live. */
  readonly measuredLifeMs: number | null;
}

const HOUR_MS = 3_600_000;

/** What a session is taken to live when nothing is known: SPOIDCRL's life is not documented (protocol notes 1e2). */
const ASSUMED_LIFE_MS = 8 * HOUR_MS;

/** The share of a session's life that is left when it is renewed; at most two hours. */
const LEAD_SHARE = 0.2;
const MAX_LEAD_MS = 2 * HOUR_MS;

/** The login host's cookies live 24 h or 90 days from their last use (protocol notes 1g). */
const MAX_INTERVAL_MS = 20 * HOUR_MS;

/** A renewal is not started sooner than this after the one before, whatever a cookie says. */
const MIN_INTERVAL_MS = 2_000;

/** `jitter` in [0, 1): accounts that signed in together do not renew together. */
export function renewalDueAt(life: SessionLife, jitter: number): number {
  const lifeMs = lifeOf(life);
  const leadMs = Math.min(lifeMs * LEAD_SHARE, MAX_LEAD_MS) * (1 + jitter / 2);
  const intervalMs = Math.min(lifeMs - leadMs, MAX_INTERVAL_MS * (1 - jitter / 10));
  return life.renewedAt + Math.max(intervalMs, MIN_INTERVAL_MS);
}

function lifeOf({ renewedAt, expiresAt, measuredLifeMs }: SessionLife): number {
  const toldMs = expiresAt === null ? 0 : expiresAt - renewedAt;
  if (toldMs > 0) return toldMs;
  return measuredLifeMs ?? ASSUMED_LIFE_MS;
}

/** What a refusal teaches about sessions whose cookie does not tell its end. */
export function measuredLife(life: SessionLife, refusedAt: number): number | null {
  if (life.expiresAt !== null) return life.measuredLifeMs;
  const livedMs = refusedAt - life.renewedAt;
  return livedMs >= MIN_INTERVAL_MS ? livedMs : life.measuredLifeMs;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** The pause after the n-th failure in a row for a passing reason (n from 1). */
export function pauseAfterFailure(failures: number, jitter: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pauseMs * (0.75 + jitter / 2);
}
