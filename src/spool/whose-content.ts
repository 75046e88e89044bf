/**
 * Whether what the server has was sent by us, in an attempt whose answer was lost: told by its bytes, not by its size
 * alone, so that somebody else's edit of the same length is never taken for ours.
 */
import type { DriveItem, DrivePath } from '../drive/index.js';
import { type ContentPrint, digestOf, sameContent } from './content-print.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import { isTouched, type SpoolEntry, type Tried } from './spool-entry.js';

export interface There {
  readonly path: DrivePath;
  readonly item: DriveItem;
}

/** Every content that an attempt may have left. */
export function printsOf(tried: Tried | null): readonly ContentPrint[] {
  return tried === null ? [] : [tried.content, ...tried.earlier];
}

/** Which of some contents the server has; undefined: none of them. Asks only when the size fits one. */
export async function contentThere(
  { drive, limits }: SendContext,
  operation: Operation,
  { path, item }: There,
  candidates: readonly ContentPrint[],
): Promise<ContentPrint | undefined> {
  const ofSize = candidates.filter(({ size }) => size === item.size);
  if (item.kind === 'folder' || ofSize.length === 0) return undefined;
  const options = { ...optionsOf(operation), version: item.version };
  const digest = await digestOf(item.size, limits.comparedBytes, async (range) => {
    return (await drive.read(path, { ...options, range })).body;
  });
  return ofSize.find((one) => sameContent(one, { size: item.size, digest }));
}

/**
 * True when the version that the server has of something removed here is nobody else's edit: the server rewrote what we
 * had sent, or an upload of ours arrived whose answer was lost.
 */
export async function isOwnDoing(
  context: SendContext,
  operation: Operation,
  removed: SpoolEntry,
  there: There,
): Promise<boolean> {
  if (context.attributes.get(removed.ino)?.written?.forVersion === there.item.version) return true;
  if (isTouched(removed, removed.removedVersion, there.item)) return true;
  // Another node of ours, removed as well, may have been sent to the same place.
  const { parent, name } = removed.origin ?? { parent: 0, name: '' };
  const candidates = [...printsOf(removed.tried)];
  for (const { tried } of context.ledger.overlay.originatingAt(parent, name, false))
    candidates.push(...printsOf(tried));
  return (await contentThere(context, operation, there, candidates)) !== undefined;
}
