/** What the server refuses, and would have to have before a node can be sent: the node itself, or a new folder above it. */
import type { OwedNode, Spool } from './spool.js';

/** Null where nothing that is refused stands in its way. */
export function refusedBefore(spool: Pick<Spool, 'owed'>, node: OwedNode): OwedNode | null {
  for (let at: OwedNode | undefined = node; at !== undefined; ) {
    // The server has that folder, somewhere: what is in it waits for nothing.
    if (at !== node && at.item !== null) return null;
    if (at.state.kind === 'refused') return at;
    at = at.place === null ? undefined : spool.owed(at.place.parent);
  }
  return null;
}

/** Why the node will not be sent as things are; null: it may be. */
export function refusalOf(spool: Pick<Spool, 'owed'>, node: OwedNode): string | null {
  const refused = refusedBefore(spool, node);
  if (refused?.state.kind !== 'refused') return null;
  const { reason } = refused.state;
  return refused === node ? reason : `its folder is refused: ${reason}`;
}
