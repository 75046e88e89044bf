/**
 * Whether what the server has was sent by us, in an attempt whose answer was lost: told by its bytes, not by its size
 * alone, so that somebody else's edit of the same length is never taken for ours.
 */
import { DriveError, type DrivePath, type ItemId, type Version } from '../drive/index.js';
import { type ContentPrint, digestOf } from './content-print.js';
import { contentThere, type There } from './content-there.js';
import { isOwnTouch } from './own-touch.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SpoolEntry, Tried } from './spool-entry.js';
import { printsOf } from './tried.js';

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
  const options = optionsOf(operation);
  if (await isOwnTouch(context, options, removed, removed.removedVersion, there)) return true;
  // Another node of ours, removed as well, may have been sent to the same place.
  const { parent, name } = removed.origin ?? { parent: 0, name: '' };
  const candidates = [...printsOf(removed.tried)];
  for (const { tried } of context.ledger.overlay.originatingAt(parent, name, false))
    candidates.push(...printsOf(tried));
  candidates.push(...sentAs(context, removed.item, removed.removedVersion));
  if ((await contentThere(context, options, there, candidates)) !== undefined) return true;
  return isCopyThere(context, operation, removed.tried, there);
}

/**
 * What we sent as that version, if it was lately: the same bytes under another version are nobody's edit. A server may count
 * on by itself, or its front ends have shown us the version before.
 */
export function sentAs(
  { sentPrints }: Pick<SendContext, 'sentPrints'>,
  item: ItemId | null,
  version: Version | null,
): readonly ContentPrint[] {
  const print = item === null || version === null ? undefined : sentPrints.of(item, version);
  return print === undefined ? [] : [print];
}

/** Whether an attempt of ours, whose outcome nobody knew, left it there. */
export async function isWhatWasTried(
  context: SendContext,
  operation: Operation,
  there: There,
  tried: Tried | null,
): Promise<boolean> {
  if ((await contentThere(context, optionsOf(operation), there, printsOf(tried))) !== undefined) return true;
  return isCopyThere(context, operation, tried, there);
}

/**
 * Whether it is the copy that the server was asked for, in an attempt whose answer was lost: told by samples of it and
 * of its source, for nobody here has the bytes. Only while the source is still what was to be copied,
 * whatever its name and time.
 */
export async function isCopyThere(
  { drive, remote, ownVersions, whereabouts }: SendContext,
  operation: Operation,
  tried: Tried | null,
  { path, item }: There,
): Promise<boolean> {
  const source = tried?.copyOf;
  if (source === undefined || item.kind === 'folder' || item.size !== source.size) return false;
  const from = remote.tree.pathOf(source.item);
  if (from === undefined) return false;
  const options = optionsOf(operation);
  const sampled = (at: DrivePath, version: Version) =>
    digestOf(source.size, 0, async (range) => (await drive.read(at, { ...options, version, range })).body);
  try {
    const version = ownVersions.newest(whereabouts.inoOf(source.item), source.version);
    return (await sampled(from, version)) === (await sampled(path, item.version));
  } catch (error) {
    if (error instanceof DriveError && (error.kind === 'changed' || error.kind === 'absent')) return false;
    throw error;
  }
}
