/**
 * A folder that a move may have taken elsewhere: until it has been looked for, nothing is found below it, and what is not
 * found would count as removed.
 */
import type { Overlay } from './overlay.js';
import { type Ino, ROOT_INO } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import { DEEPEST, type Whereabouts } from './whereabouts.js';

/** The folder itself, or one above it on the server. */
export function unsureAbove(overlay: Overlay, whereabouts: Whereabouts, folder: Ino): SpoolEntry | undefined {
  let at: Ino | undefined = folder;
  for (let depth = 0; at !== undefined && at !== ROOT_INO && depth < DEEPEST; depth += 1) {
    const above: SpoolEntry | undefined = overlay.get(at);
    if (above?.touched?.to != null) return above;
    at = serverParentOf(overlay, whereabouts, at);
  }
  return undefined;
}

export function serverParentOf(overlay: Overlay, whereabouts: Whereabouts, ino: Ino): Ino | undefined {
  const entry = overlay.get(ino);
  if (entry !== undefined) return whereabouts.originOf(entry)?.parent;
  const item = whereabouts.itemOf(ino);
  return item === undefined ? undefined : whereabouts.serverPlaceOf(item)?.parent;
}
