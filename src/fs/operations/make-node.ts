import type { LocalAttributes, NodeKind } from '../../spool/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import type { NamedView } from '../node-view.js';
import type { Caller, NodeId, RequestContext } from '../request.js';
import { checkNewName, timesOfChanged, withName } from './free-name.js';

export interface NewNode {
  readonly parent: NodeId;
  readonly name: string;
  readonly kind: NodeKind;
  readonly caller: Caller;
  /** Permission bits; null: the mount's default. */
  readonly mode: number | null;
  readonly symlinkTarget?: string;
}

/** Makes a node under a free name: EEXIST when there is one, whatever it is. */
export function makeNode(fs: FileSystem, node: NewNode, context: RequestContext): Promise<NamedView> {
  fs.refuseIfReadOnly();
  const folder = fs.inodes.folder(node.parent);
  return withName(fs, folder, node.name, context, (found) => {
    if (found !== null) throw new FsError('EEXIST');
    return placeNew(fs, folder, node);
  });
}

/** The same where the caller knows that the name is free; waits for nothing. */
export function placeNew(fs: FileSystem, folder: Inode, node: NewNode): NamedView {
  checkNewName(fs, folder, node.name);
  const place = { parent: folder.ino, name: node.name };
  const owed = fs.spool.make(node.kind, place, attributesOfNew(fs, node), timesOfChanged(fs, folder));
  const local = fs.spool.attributes(owed.ino);
  return { ino: owed.ino, kind: node.kind, item: null, owed, local, name: node.name };
}

function attributesOfNew(fs: FileSystem, { caller, mode, symlinkTarget }: NewNode): Partial<LocalAttributes> {
  const now = fs.now();
  const { uid, gid } = fs.options;
  return {
    mode,
    uid: caller.uid === uid ? null : caller.uid,
    gid: caller.gid === gid ? null : caller.gid,
    modified: now,
    changed: now,
    born: now,
    symlinkTarget: symlinkTarget ?? null,
  };
}
