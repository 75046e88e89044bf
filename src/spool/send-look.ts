/**
 * A create was tried, its outcome is not known, and the node is to be elsewhere by now: look whether it arrived where it
 * was tried. If so, that is the node's item, and what is left is a move.
 */
import { DriveError, type DriveItem } from '../drive/index.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { SendStep } from './send-plan.js';
import { mayBeFrom, owedAt, type SpoolEntry } from './spool-entry.js';

type Look = Extract<SendStep, { kind: 'look' }>;

export async function sendLook(
  context: SendContext,
  operation: Operation,
  { path, place }: Look,
  entry: SpoolEntry,
): Promise<void> {
  const { ledger, clock, drive } = context;
  ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  operation.phase = 'sending';
  const item = await statOrNull(drive.stat(path, optionsOf(operation)));
  operation.phase = 'settling';
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined) return;
  const isStaged = current.state.kind === 'staged';
  const state = isStaged ? current.state : owedAt(clock.now());
  if (item === null || !isOurs(entry, item)) {
    ledger.change({ put: [{ ...current, tried: null, state }] });
    return;
  }
  const content = current.content && { ...current.content, base: { version: item.version } };
  const found: SpoolEntry = { ...current, item: item.id, origin: place, tried: null, content, state };
  ledger.change({ put: [found], bind: { ino: entry.ino, item: item.id } });
}

function isOurs({ kind, tried }: SpoolEntry, item: DriveItem): boolean {
  if (kind === 'folder') return item.kind === 'folder';
  return item.kind === 'file' && tried !== null && mayBeFrom(tried, item.size);
}

async function statOrNull(answer: Promise<DriveItem>): Promise<DriveItem | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DriveError && error.kind === 'absent') return null;
    throw error;
  }
}
