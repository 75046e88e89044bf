/**
 * Sends a node's bytes: as a new item, as the next version of its item, or as the next version of an item that was
 * removed here and whose place it takes. What the server has is never overwritten unless it is what our bytes were
 * made from.
 */
import { DriveError, type DriveItem, type UploadBase } from '../drive/index.js';
import { keepBoth } from './conflict.js';
import { isDefinite } from './entry-state.js';
import { holdsSame, payloadOf } from './payload-reader.js';
import { lookAtFolder } from './remote-changes.js';
import {
  isOnItsWay,
  isOwnDoing,
  isSettling,
  type Operation,
  optionsOf,
  type SendContext,
} from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import type { OwedContent, Place } from './spool.js';
import { isTouched, mayBeFrom, owedAt, type SpoolEntry, type Tried } from './spool-entry.js';

type Upload = Extract<SendStep, { kind: 'upload' }>;

export async function sendContent(
  context: SendContext,
  operation: Operation,
  step: Upload,
  entry: SpoolEntry,
): Promise<void> {
  await context.quiesce(entry.ino);
  // Written to, renamed or removed while we waited: looked at again when it is due again.
  if (context.ledger.overlay.get(entry.ino) !== entry || operation.controller.signal.aborted) return;
  const content = entry.content!;
  if (refuseIfIncomplete(context, entry, content)) return;
  const base = step.over === null ? content.base : versionBase(step.over.removedVersion);
  const before = entry.tried;
  const tried = attemptAt(step.place, content, before);
  context.ledger.change({ put: [{ ...entry, tried, state: { kind: 'sending', bytesSent: 0 } }] });
  context.reached('S7 attempt recorded');
  operation.phase = 'sending';
  try {
    const item = await upload(context, operation, { step, entry, content, base });
    context.metrics.add('uploads.sent');
    await settle(context, operation, {
      ino: entry.ino,
      item,
      place: step.place,
      generation: content.generation,
      over: step.over,
    });
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    if (!isDefinite(error.kind)) throw error;
    putTried(context, entry, before);
    await lookAgain(context, operation, { step, entry, content, base, tried: before, error });
  }
}

interface Sent {
  readonly step: Upload;
  readonly entry: SpoolEntry;
  readonly content: OwedContent;
  readonly base: UploadBase;
}

interface Failed extends Sent {
  /** What an earlier attempt, whose outcome nobody knows, may have brought about. */
  readonly tried: Tried | null;
  readonly error: DriveError;
}

function upload(context: SendContext, operation: Operation, sent: Sent): Promise<DriveItem> {
  const { step, entry, content, base } = sent;
  const { ledger, drive, clock } = context;
  return drive.upload(step.path, payloadOf(content.file, content.size), {
    ...optionsOf(operation),
    base,
    modifiedMs: entry.modifiedMs ?? clock.now(),
    ...(entry.session === null ? {} : { resume: entry.session }),
    onSession: (session) => {
      const current = ledger.overlay.get(entry.ino);
      if (current?.content?.generation === content.generation)
        ledger.change({ put: [{ ...current, session }] });
    },
    onProgress: (bytesSent) => {
      const current = ledger.overlay.get(entry.ino);
      if (current?.state.kind !== 'sending') return;
      ledger.changeInMemory({ ...current, state: { kind: 'sending', bytesSent } });
    },
  });
}

/** The server has something else than we thought: find out what, and decide. */
async function lookAgain(context: SendContext, operation: Operation, failed: Failed): Promise<void> {
  const { kind } = failed.error;
  if (kind === 'absent') return lookAtFolder(context, operation, failed.step.place.parent, failed.error);
  if (kind !== 'changed' && kind !== 'exists') throw failed.error;
  const { step, entry, base } = failed;
  const server = await serverItem(context, operation, failed);
  const current = context.ledger.overlay.get(entry.ino);
  if (current?.content?.generation !== failed.content.generation || current.removed)
    return again(context, entry.ino);
  // Whoever follows the tree may have found that the change was the server's own.
  if (step.over === null && !sameBase(current.content.base, base)) return again(context, entry.ino);
  if (server === null) return createAnew(context, current, step);
  // It is not where we thought: an earlier move arrived, or somebody moved it.
  if (step.over === null && current.item !== null && context.whereabouts.pathOf(current) !== step.path) {
    return again(context, entry.ino);
  }
  if (entry.item !== server.id && step.over?.item !== server.id && isOnItsWay(context, server)) {
    return again(context, entry.ino);
  }
  const origin = await originOf(context, operation, failed, server);
  if (context.ledger.overlay.get(entry.ino) !== current) return again(context, entry.ino);
  if (origin === 'same') {
    const { place, over } = step;
    const { generation } = failed.content;
    return settle(context, operation, { ino: entry.ino, item: server, place, generation, over });
  }
  if (origin === 'older') return rebase(context, current, step, server);
  if (step.over !== null) return keepTheirs(context, current, step.over, server);
  if (kind === 'exists' && entry.item !== null && server.id === entry.item && base === 'absent') {
    return rebase(context, current, step, server);
  }
  keepBoth(context, current, step.place);
}

async function serverItem(
  context: SendContext,
  operation: Operation,
  { step, entry }: Failed,
): Promise<DriveItem | null> {
  const options = optionsOf(operation);
  const item = step.over?.item ?? entry.item;
  if (item !== null && step.over === null) {
    const fresh = await context.remote.tree.refresh(item, { ...options, maxAgeMs: 0 });
    if (fresh !== null) return fresh;
  }
  try {
    return await context.drive.stat(step.path, options);
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}

/** `same`: the very bytes that we owe; `older`: what an earlier attempt of ours left there; else somebody else's. */
type Origin = 'same' | 'older' | 'theirs';

async function originOf(
  { drive, limits }: SendContext,
  operation: Operation,
  { step, entry, content, tried }: Failed,
  server: DriveItem,
): Promise<Origin> {
  if (server.kind === 'folder') return 'theirs';
  if (server.size === content.size) {
    if (content.size > limits.comparedBytes) {
      if (tried?.generation === content.generation) return 'same';
    } else {
      const answer = await drive.read(step.path, { ...optionsOf(operation), version: server.version });
      if (await holdsSame(content.file, answer.body)) return 'same';
    }
  }
  return isOlder(tried, content, server.size) || isTouched(entry, versionOf(content.base), server)
    ? 'older'
    : 'theirs';
}

function isOlder(tried: Tried | null, { generation }: OwedContent, size: number): boolean {
  if (tried === null) return false;
  return tried.generation === generation ? tried.earlierSizes.includes(size) : mayBeFrom(tried, size);
}

/** How many contents with an unknown outcome are remembered. */
const MOST_EARLIER = 16;

function attemptAt(place: Place, { size, generation }: OwedContent, before: Tried | null): Tried {
  const earlier = new Set(before?.earlierSizes);
  if (before !== null && before.generation !== generation) earlier.add(before.size);
  return { place, size, generation, earlierSizes: [...earlier].slice(-MOST_EARLIER) };
}

/** What is there is what our newer bytes replace; a node that the server did not have turns out to have an item. */
function rebase({ ledger, clock }: SendContext, entry: SpoolEntry, step: Upload, server: DriveItem): void {
  const content = { ...entry.content!, base: { version: server.version } };
  const state = owedAt(clock.now());
  const rebased: SpoolEntry = { ...entry, content, tried: null, session: null, state };
  if (entry.item !== null) {
    ledger.change({ put: [rebased] });
    return;
  }
  const found: SpoolEntry = { ...rebased, item: server.id, origin: step.place };
  const gone = step.over?.item === server.id ? [step.over.ino] : [];
  ledger.change({ put: [found], drop: gone, unbind: gone, bind: { ino: entry.ino, item: server.id } });
}

/** Removed on the server meanwhile: what was written here is made again (semantics: Conflict). */
async function createAnew(context: SendContext, entry: SpoolEntry, step: Upload): Promise<void> {
  const { ledger, clock, remote } = context;
  const content = { ...entry.content!, base: 'absent' } as const;
  const created: SpoolEntry = {
    ...entry,
    content,
    item: null,
    place: entry.place ?? step.place,
    origin: null,
    tried: null,
    session: null,
    state: owedAt(clock.now()),
  };
  const over = step.over === null ? [] : [step.over.ino];
  ledger.change({ put: [created], drop: over, unbind: entry.item === null ? over : [...over, entry.ino] });
  if (step.over?.item == null) return;
  const removed = { kind: 'removed', ino: step.over.ino, item: step.over.item } as const;
  await remote.removed(removed);
  context.emit(removed);
}

/** Somebody changed the file that was removed here, and whose place ours was to take: theirs stays. */
function keepTheirs(context: SendContext, entry: SpoolEntry, over: SpoolEntry, server: DriveItem): void {
  const { ledger, clock } = context;
  const put = [{ ...entry, state: owedAt(clock.now()) }];
  if (isOwnDoing(context, over, server))
    ledger.change({ put: [...put, { ...over, removedVersion: server.version }] });
  else ledger.change({ put, drop: [over.ino] });
}

function again({ ledger, clock }: SendContext, ino: number): void {
  const entry = ledger.overlay.get(ino);
  if (entry?.state.kind === 'sending') ledger.change({ put: [{ ...entry, state: owedAt(clock.now()) }] });
}

function putTried({ ledger }: SendContext, { ino }: SpoolEntry, tried: Tried | null): void {
  const entry = ledger.overlay.get(ino);
  if (entry !== undefined) ledger.change({ put: [{ ...entry, tried }] });
}

/** A power cut may have taken bytes that were never promised; they must not become the server's next version. */
function refuseIfIncomplete(
  { ledger, payloads, emit }: SendContext,
  entry: SpoolEntry,
  content: OwedContent,
): boolean {
  const size = payloads.sizeOf(content.file);
  if (size === content.size) return false;
  const reason =
    size === null ? 'the bytes written here are missing' : `only ${size} of ${content.size} bytes are here`;
  ledger.change({ put: [{ ...entry, state: { kind: 'refused', reason } }] });
  emit({ kind: 'refused', ino: entry.ino, reason });
  return true;
}

function versionBase(version: string | null): UploadBase {
  return version === null ? 'any' : { version };
}

function versionOf(base: UploadBase): string | null {
  return typeof base === 'string' ? null : base.version;
}

function sameBase(one: UploadBase, other: UploadBase): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.version === other.version;
}
