/** What stat(2) tells of a node: what was set here where that still holds, else what the server says. */
import { type DriveItem, mayBeShownAs } from '../drive/index.js';
import type { LocalAttributes, NodeKind } from '../spool/index.js';
import type { Inode } from './inode.js';
import type { NodeView } from './node-view.js';
import type { FileSystemOptions } from './options.js';
import type { Attributes, Timestamp } from './request.js';
import { timestampFromMs } from './timestamp.js';

export const TYPE_MASK = 0o170000;
const TYPE_BITS: Record<NodeKind, number> = { file: 0o100000, folder: 0o040000, symlink: 0o120000 };
export const PERMISSION_MASK = 0o7777;

/** What st_blksize recommends: large enough that tools read whole requests. */
export const BLOCK_SIZE = 128 * 1024;
const STAT_BLOCK = 512;

export interface AttributeSources {
  readonly options: FileSystemOptions;
  /** Bytes of the item that are on this disk. */
  readonly cachedBytes: (item: string) => number;
}

export function attributesOf(
  view: NodeView,
  inode: Inode | undefined,
  sources: AttributeSources,
): Attributes {
  const { options } = sources;
  const size = sizeOf(view, inode);
  const modified = modifiedOf(view, inode);
  const { local, item } = view;
  return {
    ino: view.ino,
    size,
    blocks: blocksOf(view, size, sources),
    mode: TYPE_BITS[view.kind] | permissionsOf(view, options.umask),
    nlink: nlinkOf(view, inode),
    uid: local?.uid ?? options.uid,
    gid: local?.gid ?? options.gid,
    blockSize: BLOCK_SIZE,
    accessed: local?.accessed ?? modified,
    modified,
    changed: changedOf(view, modified),
    born: local?.born ?? (item === null ? modified : timestampFromMs(item.createdMs)),
  };
}

export function permissionsOf({ kind, local }: NodeView, umask: number): number {
  if (local?.mode != null) return local.mode;
  if (kind === 'symlink') return 0o777;
  return (kind === 'folder' ? 0o777 : 0o666) & ~umask;
}

/** Bytes as readers here will get them. */
export function sizeOf(view: NodeView, inode: Inode | undefined): number {
  if (view.kind === 'folder') return 0;
  if (view.kind === 'symlink') return Buffer.byteLength(view.local?.symlinkTarget ?? '');
  if (inode?.open) return inode.open.size;
  if (view.owed?.content) return view.owed.content.size;
  const written = view.local?.written;
  if (written && view.item !== null && written.forVersion === view.item.version) return written.size;
  return view.item?.size ?? 0;
}

export function modifiedOf(view: NodeView, inode: Inode | undefined): Timestamp {
  if (inode?.open?.modified) return inode.open.modified;
  if (inode?.namesChanged) return inode.namesChanged;
  const { local, item } = view;
  if (local?.modified && isStillTrue(view, local)) return local.modified;
  return item === null ? (local?.modified ?? timestampFromMs(0)) : timestampFromMs(item.modifiedMs);
}

/**
 * A time that was set here holds until somebody else changes the item: while it is owed, while what the server shows may
 * be this time, and while the item is at the version that we wrote (a server may keep its own time). A folder's holds
 * until names in it change (`namesChanged`, and the remote changes that clear it).
 */
function isStillTrue({ kind, item, owed }: NodeView, local: LocalAttributes): boolean {
  if (item === null || kind === 'folder' || owed?.content || owed?.modifiedMs != null) return true;
  return local.written?.forVersion === item.version || isShown(local.modified!, item);
}

function isShown(time: Timestamp, { modifiedMs }: DriveItem): boolean {
  return mayBeShownAs(time.seconds * 1000, modifiedMs);
}

/** Stable across an upload, so that tools that compare ctime (git) see no change where there was none. */
function changedOf(view: NodeView, modified: Timestamp): Timestamp {
  const changed = view.local?.changed;
  if (!changed) return modified;
  return view.local?.modified === modified || !isBefore(changed, modified) ? changed : modified;
}

function isBefore(one: Timestamp, other: Timestamp): boolean {
  return (
    one.seconds < other.seconds || (one.seconds === other.seconds && one.nanoseconds < other.nanoseconds)
  );
}

function blocksOf(view: NodeView, size: number, { options, cachedBytes }: AttributeSources): number {
  if (view.kind !== 'file') return 0;
  const isLocal = options.blocks === 'real' || view.owed?.content != null || view.item === null;
  return Math.ceil((isLocal ? size : Math.min(size, cachedBytes(view.item.id))) / STAT_BLOCK);
}

function nlinkOf({ kind }: NodeView, inode: Inode | undefined): number {
  if (inode?.unlinked) return 0;
  return kind === 'folder' ? 2 : 1;
}
