/** How long attributes and listings that are not known here may take (semantics: Time bounds). */
import type { Clock } from '../base/index.js';
import type { Crowd } from '../drive/index.js';
import { FsError } from './fs-error.js';

/** Without an answer. */
const METADATA_DEADLINE_MS = 10_000;
/** In all, where so many ask at once that they take turns. */
const LONGEST_MS = 60_000;

/** The signal, which also fires when the time is over. Waiting in line behind others does not count, within the bound. */
export function withDeadline(signal: AbortSignal, clock: Clock, crowd: Crowd): AbortSignal {
  const deadline = new AbortController();
  const check = (waitedMs: number) => {
    if (crowd.isMoving && waitedMs < LONGEST_MS) look(waitedMs);
    else deadline.abort(new FsError('ETIMEDOUT', 'the server did not answer in time'));
  };
  const look = (waitedMs: number) => {
    clock.after(METADATA_DEADLINE_MS, () => check(waitedMs + METADATA_DEADLINE_MS));
  };
  look(0);
  return AbortSignal.any([signal, deadline.signal]);
}
