/**
 * A new node was removed while nobody knew whether it had reached the server: what is there under its name may be what
 * an attempt of ours left, and goes then like anything else that was removed.
 */
import { DriveError, type DriveItem } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { isSoughtAgain } from './sought.js';
import { isFolder, owedAt, type SpoolEntry } from './spool-entry.js';
import { bothTried } from './tried.js';
import { isWhatWasTried } from './whose-content.js';

type Remove = Extract<SendStep, { kind: 'remove' }>;

/**
 * False when nothing was left there. True: what is owed from now on is the removal of what was found, or it is to be
 * looked for once more.
 */
export async function wasLeftover(
  context: SendContext,
  operation: Operation,
  step: Remove,
  entry: SpoolEntry,
): Promise<boolean> {
  const { ledger, clock } = context;
  const item = await leftoverOf(context, operation, step, entry);
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined || current.item !== null) return true;
  if (item === null) {
    const place = context.whereabouts.originOf(current);
    if (place === null || bequeathed(context, current)) return false;
    return isSoughtAgain(context, operation, current, { path: step.path, place });
  }
  const state = owedAt(clock.now());
  ledger.change({ put: [{ ...current, item: item.id, removedVersion: item.version, tried: null, state }] });
  operation.item = item;
  return true;
}

/**
 * Nothing is there yet, as far as a server tells that may lag behind, or that the attempt is still on its way to. Whoever
 * takes that place then, by an upload or a move, knows those bytes as ours.
 */
function bequeathed({ ledger }: SendContext, { tried }: SpoolEntry): boolean {
  const heir = tried === null ? undefined : ledger.overlay.placedAt(tried.place.parent, tried.place.name);
  if (tried === null || heir === undefined || isFolder(heir)) return false;
  if (heir.item === null && heir.content === null) return false;
  const both = heir.item === null ? bothTried(heir.tried, tried) : bothTried(tried, heir.tried);
  ledger.change({ put: [{ ...heir, tried: both }] });
  return true;
}

async function leftoverOf(
  context: SendContext,
  operation: Operation,
  { path }: Remove,
  { kind, tried }: SpoolEntry,
): Promise<DriveItem | null> {
  const { drive, ledger } = context;
  try {
    const item = await drive.stat(path, optionsOf(operation));
    // Something else of ours has come to stand there.
    if (ledger.overlay.ofItem(item.id) !== undefined) return null;
    if ((item.kind === 'folder') !== (kind === 'folder')) return null;
    const isOurs =
      kind === 'folder'
        ? await isEmpty(drive.list(path, optionsOf(operation)))
        : await isWhatWasTried(context, operation, { path, item }, tried);
    return isOurs ? item : null;
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}

async function isEmpty(pages: AsyncIterable<{ readonly items: readonly unknown[] }>): Promise<boolean> {
  for await (const { items } of pages) if (items.length > 0) return false;
  return true;
}
