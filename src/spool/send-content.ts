/**
 * Sends a node's bytes: as a new item, as the next version of its item, or as the next version of an item that was
 * removed here and whose place it takes. What the server has is never overwritten unless it is what our bytes were
 * made from.
 */
import { DriveError, type DriveItem, type Payload, type UploadBase } from '../drive/index.js';
import { again } from './again.js';
import { basePrints } from './base-print.js';
import { keepBoth } from './conflict.js';
import { type ContentPrint, sameContent } from './content-print.js';
import { contentThere } from './content-there.js';
import { isDefinite } from './entry-state.js';
import { sessionNow } from './growing-names.js';
import { isOnItsWay, stands } from './in-the-way.js';
import { itemAt } from './item-at.js';
import { isUnheardOf, mayBeAnywhere } from './nowhere.js';
import { isOwnTouch } from './own-touch.js';
import { printedPayload } from './payload-reader.js';
import { lookAtFolder } from './remote-changes.js';
import { isRewrittenThere } from './rewritten-there.js';
import { isSettling, type Operation, optionsOf, type SendContext, versionToRemove } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import type { OwedContent, Place } from './spool.js';
import { baseOn, owedAt, type SpoolEntry } from './spool-entry.js';
import { attemptAt, bothTried, printsOf, putTried } from './tried.js';
import { isCopyThere, sentAs } from './whose-content.js';

type Upload = Extract<SendStep, { kind: 'upload' }>;

export async function sendContent(
  context: SendContext,
  operation: Operation,
  step: Upload,
  entry: SpoolEntry,
): Promise<void> {
  await context.quiesce(entry.ino);
  if (isOutdated(context, operation, entry) || refuseIfIncomplete(context, entry, entry.content!)) return;
  const { file, size } = entry.content!;
  const { payload, print } = await printedPayload(file, size, context.limits.comparedBytes);
  if (isOutdated(context, operation, entry)) return;
  const before = step.over === null ? entry : inPlaceOf(context, entry, step.over, step.place);
  const content = before.content!;
  const tried = attemptAt(step.place, content.generation, print, before.tried);
  const sending: SpoolEntry = { ...before, tried, state: { kind: 'sending', bytesSent: 0 } };
  record(context, sending, step.over);
  context.reached('S7 attempt recorded');
  operation.phase = 'sending';
  const { ino } = entry;
  try {
    const item = await upload(context, operation, step, { entry: before, payload });
    context.metrics.add('uploads.sent');
    const { place } = step;
    const replaced = versionOf(content.base);
    await settle(context, operation, {
      ino,
      item,
      place,
      generation: content.generation,
      over: null,
      replaced,
    });
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    if (!isDefinite(error.kind)) throw error;
    // What is said to be there may be what this very attempt has left, sent once more after an answer that was lost.
    const mayBeOurs = error.kind === 'exists' || error.kind === 'changed';
    if (!mayBeOurs) putTried(context, ino, before.tried);
    await lookAgain(context, operation, { step, entry: before, print, error });
  }
}

/** Written to, renamed or removed while we waited: looked at again when it is due again. */
function isOutdated({ ledger }: SendContext, operation: Operation, entry: SpoolEntry): boolean {
  return ledger.overlay.get(entry.ino) !== entry || operation.controller.signal.aborted;
}

/**
 * A node that takes the place of a file that was removed here becomes that file's next version: from the first attempt
 * on it is one node with one item, whatever happens to the attempt, and there is no moment without a file.
 */
function inPlaceOf(context: SendContext, entry: SpoolEntry, over: SpoolEntry, place: Place): SpoolEntry {
  const base = baseOn(versionToRemove(context, over));
  return {
    ...entry,
    item: over.item,
    origin: place,
    content: { ...entry.content!, base },
    tried: bothTried(entry.tried, over.tried),
    touched: over.touched,
  };
}

function record({ ledger, attributes }: SendContext, sending: SpoolEntry, over: SpoolEntry | null): void {
  if (over === null) {
    ledger.change({ put: [sending] });
    return;
  }
  const bind = { ino: sending.ino, item: sending.item! };
  ledger.change({ put: [sending], drop: [over.ino], unbind: [over.ino], bind });
  attributes.forget(over.ino);
}

interface Failed {
  readonly step: Upload;
  /** As it was before the attempt; its `tried` is what earlier ones may have brought about. */
  readonly entry: SpoolEntry;
  readonly print: ContentPrint;
  readonly error: DriveError;
}

function upload(
  context: SendContext,
  operation: Operation,
  step: Upload,
  { entry, payload }: { readonly entry: SpoolEntry; readonly payload: Payload },
): Promise<DriveItem> {
  const content = entry.content!;
  const { ledger, drive, clock, growing } = context;
  return drive.upload(step.path, payload, {
    ...optionsOf(operation),
    base: content.base,
    modifiedMs: entry.modifiedMs ?? clock.now(),
    ...(entry.session === null ? {} : { resume: sessionNow(entry.session, context.whereabouts) }),
    onSession: (session) => {
      if (session !== null) growing.add(session);
      const current = ledger.overlay.get(entry.ino);
      if (current?.content?.generation !== content.generation) return;
      const parent = current.session?.parent ?? step.place.parent;
      const owed = session === null ? null : { ...session, parent };
      ledger.change({ put: [{ ...current, session: owed }], isSessionOver: true });
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
  const { step, entry } = failed;
  const { base, generation } = entry.content!;
  const wasUnheardOf = isUnheardOf(context, entry);
  const server = await serverItem(context, operation, failed);
  if (wasUnheardOf && server?.id !== entry.item) {
    // Made anew while it is elsewhere, it would be there twice.
    if (await mayBeAnywhere(context, operation, entry.item!)) throw failed.error;
    if (context.remote.tree.pathOf(entry.item!) !== undefined) return again(context, entry.ino);
  }
  const current = context.ledger.overlay.get(entry.ino);
  const isSame = current?.content?.generation === generation && sameBase(current.content.base, base);
  // Whoever follows the tree may have found that the change was the server's own.
  if (current === undefined || !isSame || current.removed) return again(context, entry.ino);
  if (server === null) return createAnew(context, current, step);
  // What it was to replace is there: the front end that was looked at before lagged behind (protocol notes 5.2.6).
  if (kind === 'changed' && server.id === entry.item && server.version === versionOf(base))
    throw failed.error;
  // It is not where we thought: an earlier move arrived, or somebody moved it; or something of ours is still there.
  const hasMoved = current.item !== null && context.whereabouts.pathOf(current) !== step.path;
  const isInTheWay = entry.item !== server.id && isOnItsWay(context, server);
  if (isInTheWay) stands(context, server, step.place);
  // What this was to be the next version of is gone, and something else is there.
  const isGone = entry.item !== null && entry.item !== server.id && current.item === entry.item;
  if (isGone) return createAnew(context, current, step);
  if (hasMoved || isInTheWay) return again(context, entry.ino);
  // An unfinished copy by the server: ours is empty, so whatever is there now takes nothing from anybody.
  if (entry.tried?.copyOf !== undefined && entry.content!.size === 0) {
    const { place } = step;
    return settle(context, operation, {
      ...{ ino: entry.ino, item: server, place, generation, over: null },
      isCopy: true,
    });
  }
  const origin = await originOf(context, operation, failed, server);
  if (context.ledger.overlay.get(entry.ino) !== current) return again(context, entry.ino);
  if (origin === 'same') {
    return settle(context, operation, {
      ino: entry.ino,
      item: server,
      place: step.place,
      generation,
      over: null,
    });
  }
  if (origin === 'older') return rebase(context, current, step, server);
  keepBoth(context, current, step.place);
}

async function serverItem(
  context: SendContext,
  operation: Operation,
  { step, entry }: Failed,
): Promise<DriveItem | null> {
  if (entry.item !== null) {
    const asking = { ...optionsOf(operation), maxAgeMs: 0 };
    const fresh = await context.remote.tree.refresh(entry.item, asking);
    if (fresh !== null) return fresh;
  }
  return itemAt(context, operation, step.path);
}

/** `same`: the very bytes that we owe; `older`: what an earlier attempt of ours left there; else somebody else's. */
type Origin = 'same' | 'older' | 'theirs';

async function originOf(
  context: SendContext,
  operation: Operation,
  { step, entry, print }: Failed,
  server: DriveItem,
): Promise<Origin> {
  const { tried } = entry;
  const { base, generation } = entry.content!;
  const wasTried = tried?.generation === generation;
  const older = [
    ...(wasTried ? tried.earlier : printsOf(tried)),
    ...sentAs(context, entry.item, versionOf(base)),
    ...(await basePrints(context, operation, { item: entry.item, version: versionOf(base) }, server)),
  ];
  // What the server was asked to copy to just there has the same samples: no edit of anybody's, and yet not what we owe.
  const mayBeCopy = tried?.copyOf?.size === print.size;
  // Of a large content only samples are compared: not enough to tell ours from what we never sent.
  const isTellable = (wasTried && !mayBeCopy) || print.size <= context.limits.comparedBytes;
  const there = { path: step.path, item: server };
  const candidates = isTellable || mayBeCopy ? [print, ...older] : older;
  const found = await contentThere(context, optionsOf(operation), there, candidates);
  if (found !== undefined) return isTellable && sameContent(found, print) ? 'same' : 'older';
  if (await isRewrittenThere(context, optionsOf(operation), there, entry.content!)) return 'same';
  if (await isOwnTouch(context, optionsOf(operation), entry, versionOf(base), there)) return 'older';
  return (await isCopyThere(context, operation, tried, there)) ? 'older' : 'theirs';
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
  ledger.change({ put: [found], bind: { ino: entry.ino, item: server.id } });
}

/** Removed on the server meanwhile: what was written here is made again (semantics: Conflict). */
function createAnew({ ledger, clock }: SendContext, entry: SpoolEntry, step: Upload): void {
  const content = { ...entry.content!, base: 'absent' } as const;
  const place = entry.place ?? step.place;
  // What exists and is not shown yet may be what an attempt of ours left there.
  const tried = entry.item === null ? entry.tried : null;
  const fresh = { item: null, origin: null, tried, touched: null, session: null };
  const created: SpoolEntry = { ...entry, ...fresh, content, place, state: owedAt(clock.now()) };
  ledger.change({ put: [created], unbind: entry.item === null ? [] : [entry.ino] });
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

function versionOf(base: UploadBase): string | null {
  return typeof base === 'string' ? null : base.version;
}

function sameBase(one: UploadBase, other: UploadBase): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.version === other.version;
}
