/**
 * Copies that the server was asked for and may have made: what is found there is known for ours by its source, as long as
 * the source is there and nobody wrote into it. So what we are to do to the source waits.
 */
import type { Overlay } from './overlay.js';
import { isFolder, type SpoolEntry } from './spool-entry.js';
import type { Whereabouts } from './whereabouts.js';

/** One that is about to be looked for, of what `entry` is, or holds; they are few, for somebody waits for each. */
export function openCopyOf(
  overlay: Overlay,
  whereabouts: Whereabouts,
  entry: SpoolEntry,
): SpoolEntry | undefined {
  for (const copy of overlay.openCopies()) {
    const source = whereabouts.inoOf(copy.tried!.copyOf!.item);
    const isOf = isFolder(entry) ? whereabouts.isWithin(source, entry.ino) : source === entry.ino;
    // What goes with the folder need not be looked for.
    if (isOf && isLookedFor(copy) && !whereabouts.isWithin(copy.ino, entry.ino)) return copy;
  }
  return undefined;
}

/** What is being written, or was refused, may stay as it is for long. */
function isLookedFor({ state }: SpoolEntry): boolean {
  return state.kind === 'owed' || state.kind === 'sending';
}
