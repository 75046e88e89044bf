/**
 * Nobody here knows where a node is on the server, or the folder that it is to be in: somebody moved that, or removed it
 * while it was of no use to anybody here. What changed there by now is asked for; then what is gone is made again where
 * it was, as far as something is owed in it.
 */
import { again } from './again.js';
import { putOff } from './put-off.js';
import { guessedPlace, makeFolderFor, removedRemotely } from './remote-changes.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

export async function sendFind(context: SendContext, operation: Operation, entry: SpoolEntry): Promise<void> {
  const { ledger, remote, whereabouts } = context;
  if (entry.state.kind !== 'staged')
    ledger.changeInMemory({ ...entry, state: { kind: 'sending', bytesSent: 0 } });
  const isFollowed = await remote.tree.catchUp(optionsOf(operation));
  const current = ledger.overlay.get(entry.ino);
  if (current === undefined) return;
  // Only who follows the whole tree can say that something is nowhere.
  if (!isFollowed) {
    putOff(context, entry);
    return;
  }
  operation.phase = 'sending';
  if (isGone(context, current)) {
    removedRemotely(context, current, current.origin ?? guessedPlace(whereabouts.folderPath(current.ino)));
    return;
  }
  if (current.place !== null) lookAtParent(context, current.place.parent);
  again(context, current.ino);
}

/** A removal has nothing to do where nothing is, whatever was tried there. */
function isGone({ remote, whereabouts }: SendContext, entry: SpoolEntry): boolean {
  if (entry.item !== null) return remote.tree.pathOf(entry.item) === undefined;
  return entry.removed && whereabouts.pathOf(entry) === undefined;
}

function lookAtParent(context: SendContext, parent: Ino): void {
  const { ledger, whereabouts, remote, emit } = context;
  const folder = ledger.overlay.get(parent);
  if (folder === undefined) {
    const item = whereabouts.itemOf(parent);
    if (item === undefined || remote.tree.pathOf(item) === undefined) makeFolderFor(context, parent);
    return;
  }
  // It finds out by itself.
  if (folder.state.kind === 'sending') return;
  if (isGone(context, folder)) {
    const lastPlace = folder.origin ?? guessedPlace(whereabouts.folderPath(parent));
    removedRemotely(context, { ...folder, removed: false }, lastPlace);
  } else if (folder.removed) {
    // What is owed in it is more than what was removed with it.
    ledger.change({ drop: [parent] });
    emit({ kind: 'kept', ino: parent, place: whereabouts.originOf(folder) });
  }
}
