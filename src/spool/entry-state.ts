/**
 * An upload's fate: what each kind of failure means for the node that could not be sent. The one table of it; nobody
 * else looks at a `DriveError`'s kind to decide whether to try again.
 */
import type { DriveErrorKind } from '../drive/index.js';

/**
 * - `retry`       again, after a delay that grows; says nothing about other nodes
 * - `pause`       the server does not answer (or wants to be left alone): nothing is sent for a while
 * - `signed-out`  nothing is sent until somebody signs in
 * - `look`        the server has something else than we thought: look what, then decide
 * - `slow-retry`  somebody else has to do something; shown with its reason meanwhile
 * - `refuse`      the server will never take it like this; kept and shown until the user decides
 */
export type Fate = 'retry' | 'pause' | 'signed-out' | 'look' | 'slow-retry' | 'refuse';

const FATES: Record<DriveErrorKind, Fate> = {
  absent: 'look',
  exists: 'look',
  changed: 'look',
  denied: 'refuse',
  'signed-out': 'signed-out',
  throttled: 'pause',
  unreachable: 'pause',
  full: 'slow-retry',
  'bad-name': 'refuse',
  'too-large': 'refuse',
  locked: 'slow-retry',
  'not-empty': 'retry',
  protocol: 'retry',
};

/** An answer that nobody understands is tried this often before it is shown as refused. */
const MOST_PROTOCOL_RETRIES = 8;

export function fateOf(kind: DriveErrorKind, attempts: number): Fate {
  if (kind === 'protocol' && attempts >= MOST_PROTOCOL_RETRIES) return 'refuse';
  return FATES[kind];
}

/** The server said no, so nothing of this attempt can be there. */
export function isDefinite(kind: DriveErrorKind): boolean {
  return !OPEN_OUTCOMES.has(kind);
}

const OPEN_OUTCOMES: ReadonlySet<DriveErrorKind> = new Set(['unreachable', 'throttled', 'protocol']);
