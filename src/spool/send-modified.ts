/** Tells the server the modification time that was set here. */
import { DriveError, type Version } from '../drive/index.js';
import { fateOf } from './entry-state.js';
import { lookFirst } from './look-first.js';
import { isUnheardOf, mayBeAnywhere } from './nowhere.js';
import { removedRemotely } from './remote-changes.js';
import { isSettling, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import type { Ino, Place } from './spool.js';
import { attemptsOf, type SpoolEntry } from './spool-entry.js';
import { through, touching } from './touched.js';

type SetModified = Extract<SendStep, { kind: 'set-modified' }>;

export async function sendModified(
  context: SendContext,
  operation: Operation,
  { path, place }: SetModified,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger, drive, remote, whereabouts } = context;
  const known = remote.tree.peek(entry.item!);
  const touched =
    known === undefined ? entry.touched : touching(entry, known, { modifiedMs: entry.modifiedMs!, to: null });
  ledger.change({ put: [{ ...entry, touched, state: { kind: 'sending', bytesSent: 0 } }] });
  operation.phase = 'sending';
  try {
    await lookFirst(context, operation, entry.item!, path);
    const onVersion = (version: Version) => passed(context, entry.ino, version);
    const item = await drive.setModified(path, entry.modifiedMs!, { ...optionsOf(operation), onVersion });
    const current = ledger.overlay.get(entry.ino);
    // Sent is sent: a server that keeps another time than it was told is not asked again and again.
    if (current?.modifiedMs === entry.modifiedMs) ledger.changeInMemory({ ...current, modifiedMs: null });
    await settle(context, operation, { ino: entry.ino, item, place, generation: null, over: null });
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    if (fateOf(error.kind, attemptsOf(entry)) === 'refuse') return keepOurs(context, operation, place, error);
    if (error.kind !== 'absent') throw error;
    const isUnheard = isUnheardOf(context, entry);
    const lastPlace = whereabouts.serverPlaceOf(entry.item!);
    const fresh = await remote.tree.refresh(entry.item!, { ...optionsOf(operation), maxAgeMs: 0 });
    if (fresh !== null || (isUnheard && (await mayBeAnywhere(context, operation, entry.item!)))) throw error;
    if (remote.tree.pathOf(entry.item!) !== undefined) throw error;
    const current = ledger.overlay.get(entry.ino);
    if (current !== undefined) removedRemotely(context, current, lastPlace);
  }
}

/** Whoever follows the tree may see it on the way, and make new content from it. */
function passed({ ledger }: SendContext, ino: Ino, version: Version): void {
  const entry = ledger.overlay.get(ino);
  if (entry?.touched == null) return;
  ledger.change({ put: [{ ...entry, touched: through(entry.touched, version) }] });
}

/** The server will not have the time, now or later: it is kept here, and holds until somebody changes the item. */
async function keepOurs(
  context: SendContext,
  operation: Operation,
  place: Place,
  refusal: DriveError,
): Promise<void> {
  const { ledger, log, attributes, remote } = context;
  const { ino } = operation;
  const { item: id } = ledger.overlay.get(ino) ?? { item: null };
  // An earlier attempt may have got through all the same.
  const asking = { ...optionsOf(operation), maxAgeMs: 0 };
  const item = id === null ? null : await remote.tree.refresh(id, asking);
  if (item === null) throw refusal;
  log.info(
    { ino, reason: refusal.message },
    'the server does not take the modification time: it is kept here',
  );
  const current = ledger.overlay.get(ino);
  if (current !== undefined) ledger.changeInMemory({ ...current, modifiedMs: null });
  await settle(context, operation, { ino, item, place, generation: null, over: null });
  const isMarked = attributes.get(ino)?.written?.forVersion === item.version;
  if (!isMarked) attributes.set(ino, { written: { size: item.size, forVersion: item.version } });
}
