/** Why something that is owed is not on the server yet, for people. */
import { fateOf } from './entry-state.js';
import type { OwedState } from './spool.js';

/** Null while nothing stands in its way. */
export function reasonOf(state: OwedState): string | null {
  switch (state.kind) {
    case 'refused':
    case 'blocked':
      return state.reason;
    case 'owed':
      return state.lastError;
    case 'staged':
    case 'sending':
      return null;
  }
}

/** It is tried again and again, but somebody has to do something first: make room, or let go of a lock. */
export function waitsForSomebody(state: OwedState): boolean {
  return state.kind === 'owed' && state.failure !== null && fateOf(state.failure, 0) === 'slow-retry';
}
