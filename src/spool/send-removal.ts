/**
 * Removes an item; a folder with all that was removed below it, in one request. A file that somebody changed since it
 * was removed here is not removed: it comes back.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError, type ItemId } from '../drive/index.js';
import { isOwnDoing, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import type { Ino } from './spool.js';
import { isFolder, mayBeFrom, owedAt, type SpoolEntry } from './spool-entry.js';

type Remove = Extract<SendStep, { kind: 'remove' }>;

/** How many nodes are settled before others get a turn. */
const NODES_AT_ONCE = 100;

export async function sendRemoval(
  context: SendContext,
  operation: Operation,
  step: Remove,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger, plan } = context;
  const going = isFolder(entry) ? [entry, ...plan.swallowed(entry.ino)] : [entry];
  for (const one of going) if (!isFolder(one)) await context.quiesce(one.ino);
  if (ledger.overlay.get(entry.ino) !== entry || operation.controller.signal.aborted) return;
  ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  operation.phase = 'sending';
  const leftover = entry.item === null ? await leftoverOf(context, operation, step, entry) : null;
  const isThere = entry.item !== null || leftover !== null;
  if (isThere && !(await removeOnServer(context, operation, step, entry))) return;
  operation.phase = 'settling';
  context.reached('S15 server removed it');
  if (leftover !== null) await tell(context, entry.ino, leftover);
  await settleAll(context, entry);
  context.reached('S16 removal settled');
}

/** False when there is nothing more to do now: it was put off, or given up. */
async function removeOnServer(
  context: SendContext,
  operation: Operation,
  step: Remove,
  entry: SpoolEntry,
): Promise<boolean> {
  const options = optionsOf(operation);
  const version = versionToRemove(context, entry);
  const kind = isFolder(entry) ? 'folder' : 'file';
  try {
    await context.drive.remove(step.path, { ...options, kind, ...(version === null ? {} : { version }) });
    return true;
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
    if (error.kind === 'absent') return true;
    if (error.kind !== 'changed') throw error;
    return lookAgain(context, operation, entry);
  }
}

/** What an attempt of ours, whose outcome nobody knew, did leave there; null: nothing. */
async function leftoverOf(
  { drive, ledger }: SendContext,
  operation: Operation,
  { path }: Remove,
  { kind, tried }: SpoolEntry,
): Promise<ItemId | null> {
  try {
    const item = await drive.stat(path, optionsOf(operation));
    // Something else of ours has come to stand there.
    if (ledger.overlay.ofItem(item.id) !== undefined) return null;
    if ((item.kind === 'folder') !== (kind === 'folder')) return null;
    const isOurs =
      kind === 'folder'
        ? await isEmpty(drive.list(path, optionsOf(operation)))
        : tried !== null && mayBeFrom(tried, item.size);
    return isOurs ? item.id : null;
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}

async function isEmpty(pages: AsyncIterable<{ readonly items: readonly unknown[] }>): Promise<boolean> {
  for await (const { items } of pages) if (items.length > 0) return false;
  return true;
}

/** The server may have rewritten our upload since: then that version is ours as well. */
function versionToRemove({ attributes, remote }: SendContext, entry: SpoolEntry): string | null {
  if (isFolder(entry) || entry.item === null) return null;
  const known = remote.tree.peek(entry.item)?.version;
  const isOurs = known !== undefined && attributes.get(entry.ino)?.written?.forVersion === known;
  return isOurs ? known : entry.removedVersion;
}

async function lookAgain(context: SendContext, operation: Operation, entry: SpoolEntry): Promise<boolean> {
  const { ledger, clock, log, remote } = context;
  const asked = versionToRemove(context, entry);
  const fresh = await remote.tree.refresh(entry.item!, { ...optionsOf(operation), maxAgeMs: 0 });
  if (fresh === null) return true;
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined) return false;
  if (versionToRemove(context, current) !== asked || isOwnDoing(context, current, fresh)) {
    const removedVersion = isOwnDoing(context, current, fresh) ? fresh.version : current.removedVersion;
    ledger.change({ put: [{ ...current, removedVersion, state: owedAt(clock.now()) }] });
    return false;
  }
  log.warn({ name: fresh.name }, 'changed on the server since it was removed here: it stays');
  ledger.change({ drop: [entry.ino] });
  return false;
}

/** The folder goes last, so that a crash in between repeats the request and finds nothing. */
async function settleAll(context: SendContext, entry: SpoolEntry): Promise<void> {
  const { ledger, attributes, plan } = context;
  const going = isFolder(entry) ? [...plan.swallowed(entry.ino)].reverse() : [];
  going.push(entry);
  for (let at = 0; at < going.length; at += NODES_AT_ONCE) {
    const some = going.slice(at, at + NODES_AT_ONCE);
    for (const { ino, item } of some) if (item !== null) await tell(context, ino, item);
    const inos = some.map(({ ino }) => ino);
    ledger.change({ drop: inos, unbind: inos });
    for (const ino of inos) attributes.forget(ino);
    await nextTurn();
  }
}

/** Something removed here turned out to be gone from the server already. */
export async function goneFromServer(context: SendContext, { ino, item }: SpoolEntry): Promise<void> {
  context.ledger.change({ drop: [ino], unbind: [ino] });
  context.attributes.forget(ino);
  if (item !== null) await tell(context, ino, item);
}

async function tell(context: SendContext, ino: Ino, item: ItemId): Promise<void> {
  const event = { kind: 'removed', ino, item } as const;
  try {
    await context.remote.removed(event);
  } catch (error) {
    context.log.error({ error }, 'a removal could not be told to the caches');
  }
  context.emit(event);
}
