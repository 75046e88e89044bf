import type { Ino, Spool } from '../spool/index.js';

/** The bytes of a node have become another one: what was set here goes with them, and who shows the server's keeps the rest. */
export function shareAttributes(spool: Spool, from: Ino, copy: Ino): void {
  const local = spool.attributes(from);
  if (local === undefined) return;
  const { mode, uid, gid, modified, born, xattrs } = local;
  spool.setAttributes(copy, { mode, uid, gid, modified, born, xattrs });
  spool.setAttributes(from, { modified: null, changed: null, written: null });
}
