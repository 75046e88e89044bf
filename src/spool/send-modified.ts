/** Tells the server the modification time that was set here. */
import { DriveError, type DriveErrorKind } from '../drive/index.js';
import { removedRemotely } from './remote-changes.js';
import { isSettling, type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { settle } from './settling.js';
import { owedAt, owesAnything, type SpoolEntry, touching } from './spool-entry.js';

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
    const item = await drive.setModified(path, entry.modifiedMs!, optionsOf(operation));
    const current = ledger.overlay.get(entry.ino);
    // Sent is sent: a server that keeps another time than it was told is not asked again and again.
    if (current?.modifiedMs === entry.modifiedMs) ledger.changeInMemory({ ...current, modifiedMs: null });
    await settle(context, operation, { ino: entry.ino, item, place, generation: null, over: null });
  } catch (error) {
    if (!(error instanceof DriveError) || isSettling(operation)) throw error;
    if (WONT.has(error.kind)) return keepOurs(context, operation, error);
    if (error.kind !== 'absent') throw error;
    const lastPlace = whereabouts.serverPlaceOf(entry.item!);
    const fresh = await remote.tree.refresh(entry.item!, { ...optionsOf(operation), maxAgeMs: 0 });
    if (fresh !== null) throw error;
    const current = ledger.overlay.get(entry.ino);
    if (current !== undefined) removedRemotely(context, current, lastPlace);
  }
}

/** The server will not have the time, now or later. The time that was set here is remembered here. */
const WONT: ReadonlySet<DriveErrorKind> = new Set(['denied', 'protocol', 'bad-name']);

function keepOurs(context: SendContext, { ino }: Operation, error: DriveError): void {
  const { ledger, clock, log, attributes, remote } = context;
  log.info({ ino, reason: error.message }, 'the server does not take the modification time: it is kept here');
  const entry = ledger.overlay.get(ino);
  if (entry === undefined) return;
  const item = entry.item === null ? undefined : remote.tree.peek(entry.item);
  const isMarked = attributes.get(ino)?.written?.forVersion === item?.version;
  // Holds as long as nobody changes the item.
  if (item !== undefined && !isMarked)
    attributes.set(ino, { written: { size: item.size, forVersion: item.version } });
  const state = entry.state.kind === 'sending' ? owedAt(clock.now()) : entry.state;
  const rest: SpoolEntry = { ...entry, modifiedMs: null, touched: null, state };
  ledger.change(owesAnything(rest) ? { put: [rest] } : { drop: [ino] });
}
