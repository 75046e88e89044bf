import type { Version } from '../drive/index.js';
import type { OwedNode } from '../spool/index.js';

/** What is owed is to replace that version, which was uploaded as another node where a new file took the place of it. */
export function isMadeFrom(owed: OwedNode | undefined, version: Version): boolean {
  const base = owed?.content?.base;
  return typeof base === 'object' && base.version === version;
}
