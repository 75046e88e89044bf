/**
 * Removes an item; a folder with all that was removed below it, in one request. A file that somebody changed since it
 * was removed here is not removed: it comes back.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError, type DrivePath, type ItemId, type RemoveOptions } from '../drive/index.js';
import { again } from './again.js';
import { itemAt } from './item-at.js';
import { isKnownElsewhere } from './known-elsewhere.js';
import { wasLeftover } from './leftover.js';
import { isContradicted, isUnheardOf, mayBeAnywhere } from './nowhere.js';
import { othersIn } from './others-in-folder.js';
import { putOff } from './put-off.js';
import { type Operation, optionsOf, type SendContext, versionToRemove } from './send-context.js';
import type { SendStep } from './send-plan.js';
import type { Ino } from './spool.js';
import { attemptsOf, isFolder, type SpoolEntry } from './spool-entry.js';
import { isOwnDoing } from './whose-content.js';

type Remove = Extract<SendStep, { kind: 'remove' }>;

/** How many nodes are looked at, or settled, before others get a turn. */
const NODES_AT_ONCE = 100;

/**
 * For so long what was found in a folder is taken for what is in it; the request that takes it all may have to wait for a
 * pause or a new session before it leaves. Twice as long after each time it was in vain, so that it gets through a crowd.
 */
const LOOK_HOLDS_MS = 3_000;
const MOST_DOUBLINGS = 6;

export async function sendRemoval(
  context: SendContext,
  operation: Operation,
  step: Remove,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger, plan } = context;
  const going = isFolder(entry) ? plan.swallowed(entry.ino) : [entry];
  await inParts(going, async (some) => {
    for (const one of some) if (!isFolder(one)) await context.quiesce(one.ino);
  });
  if (ledger.overlay.get(entry.ino) !== entry || operation.controller.signal.aborted) return;
  ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  operation.phase = 'sending';
  if (entry.item === null && (await wasLeftover(context, operation, step, entry))) return;
  if (isFolder(entry) && entry.item !== null && (await staysFor(context, operation, step, entry))) return;
  if (wasMovedAway(context, step, entry)) return;
  const wasUnheardOf = isUnheardOf(context, entry);
  const isGone =
    entry.item === null || (isFolder(entry) && (await isGoneFolder(context, operation, step, entry)));
  if (!isGone && !(await removeOnServer(context, operation, step, entry, wasUnheardOf))) return;
  if (wasMovedAway(context, step, entry)) return;
  if (isGone && (await isToBeTold(context, operation, entry, wasUnheardOf))) return;
  if (isGone && wasMovedAway(context, step, entry)) return;
  operation.phase = 'settling';
  context.reached('S15 server removed it');
  await settleAll(context, entry, step.path);
  context.reached('S16 removal settled');
}

/** False when there is nothing more to do now: it was put off, or given up. */
async function removeOnServer(
  context: SendContext,
  operation: Operation,
  step: Remove,
  entry: SpoolEntry,
  wasUnheardOf: boolean,
): Promise<boolean> {
  const options = optionsOf(operation);
  try {
    const wasThere = await context.drive.remove(step.path, { ...options, ...conditionsOf(context, entry) });
    if (wasThere) return true;
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
    if (error.kind === 'changed' && isFolder(entry)) {
      putOff(context, entry, 'what is in this folder has to be looked at once more');
      return false;
    }
    if (error.kind === 'changed') return lookAgain(context, operation, step, entry, wasUnheardOf);
    if (error.kind !== 'absent') throw error;
  }
  // Gone, or taken elsewhere by somebody, with a folder above it: the change log tells.
  const isFollowed = await context.remote.tree.catchUp(options);
  if (isFollowed && isContradicted(context, operation, entry, step.path)) {
    putOff(context, entry, 'it is not shown where it should be: it is looked for once more');
    return false;
  }
  return !(await isToBeTold(context, operation, entry, wasUnheardOf));
}

/** A folder has just been looked into. */
function conditionsOf(
  context: SendContext,
  entry: SpoolEntry,
): Pick<RemoveOptions, 'kind' | 'version' | 'mayLeave'> {
  if (!isFolder(entry)) {
    const version = versionToRemove(context, entry);
    return { kind: 'file', ...(version !== null && { version }) };
  }
  const holdsMs = LOOK_HOLDS_MS * 2 ** Math.min(attemptsOf(entry), MOST_DOUBLINGS);
  const lookedMs = context.clock.monotonic();
  return { kind: 'folder', mayLeave: () => context.clock.monotonic() - lookedMs < holdsMs };
}

/**
 * While the tree is being read, or has not heard of it at all, nobody can say that what is not where it was is nowhere: it
 * is put off until then.
 */
async function isToBeTold(
  context: SendContext,
  operation: Operation,
  entry: SpoolEntry,
  wasUnheardOf: boolean,
): Promise<boolean> {
  if (entry.item === null) return false;
  const { tree } = context.remote;
  if (!tree.isBeingRead && !(wasUnheardOf && (await mayBeAnywhere(context, operation, entry.item))))
    return false;
  putOff(context, entry);
  return true;
}

/**
 * DELETE has no condition on which folder it is: when ours is gone, what stands at its path by now is somebody else's. The
 * tree has just been asked; where it does not know the folder, or is being read itself, the server is.
 */
async function isGoneFolder(
  context: SendContext,
  operation: Operation,
  { path }: Remove,
  { item }: SpoolEntry,
): Promise<boolean> {
  const { tree } = context.remote;
  if (tree.pathOf(item!) !== undefined && !tree.isBeingRead) return false;
  return (await itemAt(context, operation, path))?.id !== item;
}

/**
 * True when somebody else moved it away since the step was planned: what is absent where it was counts as removed, and
 * taking this for gone would hide it for good. Its removal is thought over where it is now.
 */
function wasMovedAway(context: SendContext, { path }: Remove, entry: SpoolEntry): boolean {
  if (!isKnownElsewhere(context, entry.item, path)) return false;
  again(context, entry.ino);
  return true;
}

async function lookAgain(
  context: SendContext,
  operation: Operation,
  { path }: Remove,
  entry: SpoolEntry,
  wasUnheardOf: boolean,
): Promise<boolean> {
  const { ledger, log, remote } = context;
  const asked = versionToRemove(context, entry);
  const fresh = await remote.tree.refresh(entry.item!, { ...optionsOf(operation), maxAgeMs: 0 });
  if (fresh === null) return !(await isToBeTold(context, operation, entry, wasUnheardOf));
  if (fresh.version === asked) {
    putOff(context, entry, 'a front end that lags behind showed another version');
    return false;
  }
  const there = { path: remote.tree.pathOf(fresh.id) ?? path, item: fresh };
  const isOurs = await isOwnDoing(context, operation, entry, there);
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined) return false;
  if (isOurs || versionToRemove(context, current) !== asked) {
    const removedVersion = isOurs ? fresh.version : current.removedVersion;
    again(context, entry.ino, { removedVersion });
    return false;
  }
  log.warn({ name: fresh.name }, 'changed on the server since it was removed here: it stays');
  keep(context, [current]);
  return false;
}

/** True when something in the folder is not ours to remove: then it stays for that, and the rest goes one by one. */
async function staysFor(
  context: SendContext,
  operation: Operation,
  { path }: Remove,
  entry: SpoolEntry,
): Promise<boolean> {
  const { ledger, log } = context;
  const kept = await othersIn(context, operation, path, entry);
  if (kept === null) return false;
  const current = ledger.overlay.get(entry.ino);
  if (current?.removed && kept.length === 0) {
    again(context, entry.ino);
    return true;
  }
  log.warn({ path }, 'somebody else has put something into this folder since it was removed here: it stays');
  keep(context, kept);
  return true;
}

function keep({ ledger, whereabouts, emit }: SendContext, entries: readonly SpoolEntry[]): void {
  if (entries.length === 0) return;
  const places = entries.map((entry) => ({ ino: entry.ino, place: whereabouts.originOf(entry) }));
  ledger.change({ drop: entries.map(({ ino }) => ino) });
  for (const { ino, place } of places) emit({ kind: 'kept', ino, place });
}

/** The folder goes last, so that a crash in between repeats the request and finds nothing. */
async function settleAll(context: SendContext, entry: SpoolEntry, path: DrivePath): Promise<void> {
  const { ledger, plan, remote } = context;
  const below = isFolder(entry) ? (await gathered(plan.swallowed(entry.ino))).reverse() : [];
  // What somebody moved out of the folder since it was removed here did not go with it.
  const isElsewhere = ({ item }: SpoolEntry): boolean => {
    const now = item === null ? undefined : remote.tree.pathOf(item);
    return now !== undefined && now !== path && !now.startsWith(`${path}/`);
  };
  const isThere = (one: SpoolEntry) => one === entry || ledger.overlay.get(one.ino) !== undefined;
  await inParts([...below, entry], (some) => {
    const left = some.filter(isThere);
    const kept = new Set(left.filter(isElsewhere));
    keep(context, [...kept]);
    return settleSome(
      context,
      left.filter((one) => !kept.has(one)),
    );
  });
}

async function settleSome(context: SendContext, some: readonly SpoolEntry[]): Promise<void> {
  const { ledger, attributes } = context;
  for (const { ino, item } of some) {
    if (item === null) continue;
    context.removedItems.add(item);
    await tell(context, ino, item);
  }
  const inos = some.map(({ ino }) => ino);
  ledger.change({ drop: inos, unbind: inos });
  for (const ino of inos) attributes.forget(ino);
}

/** What is changed meanwhile may be come upon once more. */
async function gathered(entries: Iterable<SpoolEntry>): Promise<SpoolEntry[]> {
  const found = new Map<Ino, SpoolEntry>();
  await inParts(entries, (some) => {
    for (const entry of some) found.set(entry.ino, entry);
  });
  return [...found.values()];
}

/** Where the entries are still being found, that is part of the work. */
async function inParts(
  entries: Iterable<SpoolEntry>,
  work: (some: readonly SpoolEntry[]) => Promise<void> | void,
): Promise<void> {
  let some: SpoolEntry[] = [];
  for (const entry of entries) {
    some.push(entry);
    if (some.length < NODES_AT_ONCE) continue;
    await work(some);
    await nextTurn();
    some = [];
  }
  if (some.length > 0) await work(some);
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
