/** The server, or we, changed metadata only: what was based on the one version is based on the other. */
import type { Version } from '../drive/index.js';
import type { SendContext } from './send-context.js';
import type { Ino } from './spool.js';

export function rewritten(
  { ledger, ownVersions }: SendContext,
  ino: Ino,
  before: Version,
  after: Version,
): void {
  if (before === after) return;
  ownVersions.add(ino, before, after);
  const entry = ledger.overlay.get(ino);
  if (entry?.removedVersion === before) {
    ledger.change({ put: [{ ...entry, removedVersion: after }] });
    return;
  }
  const base = entry?.content?.base;
  if (!entry?.content || typeof base !== 'object' || base.version !== before) return;
  // What has just been sent is no more to replace anything.
  if (entry.sent?.generation === entry.content.generation) return;
  ledger.change({ put: [{ ...entry, content: { ...entry.content, base: { version: after } } }] });
}
