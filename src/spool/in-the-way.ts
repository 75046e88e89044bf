/**
 * Something of ours that is to be elsewhere, or gone, and that the server still has where another node is to come, or in
 * a folder that is to go. Others may have moved it there since, so that nobody here waited for it.
 */
import type { DriveItem } from '../drive/index.js';
import type { SendContext } from './send-context.js';
import type { Place } from './spool.js';
import { samePlace } from './spool-entry.js';

/** True when it is an item of ours that is about to leave this place, or may not be where we think. */
export function isOnItsWay({ ledger }: SendContext, there: DriveItem): boolean {
  const entry = ledger.overlay.ofItem(there.id);
  return entry !== undefined && (entry.removed || entry.place !== null || entry.touched !== null);
}

/** From now on the plan knows that it stands there, and whoever it is in the way of waits for it. */
export function stands({ ledger }: SendContext, there: DriveItem, at: Place): void {
  const entry = ledger.overlay.ofItem(there.id);
  if (entry !== undefined && !samePlace(entry.origin, at)) ledger.change({ put: [{ ...entry, origin: at }] });
}
