import type { LocalAttributes, NodeKind } from '../../spool/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import type { NamedView } from '../node-view.js';
import { SET_GROUP_ID } from '../privileges.js';
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
  const owed = fs.spool.make(node.kind, place, attributesOfNew(fs, folder, node), timesOfChanged(fs, folder));
  const local = fs.spool.attributes(owed.ino);
  return { ino: owed.ino, kind: node.kind, item: null, owed, local, name: node.name };
}

function attributesOfNew(fs: FileSystem, folder: Inode, node: NewNode): Partial<LocalAttributes> {
  const { caller, symlinkTarget } = node;
  const now = fs.now();
  const { uid, gid } = fs.options;
  const owned = ownedBy(fs, folder, node);
  return {
    mode: owned.mode,
    uid: caller.uid === uid ? null : caller.uid,
    gid: owned.gid === gid ? null : owned.gid,
    modified: now,
    changed: now,
    born: now,
    symlinkTarget: symlinkTarget ?? null,
  };
}

/** What is made in a folder with the set-group-id bit is its group's, and a folder there passes that on (inode(7)). */
function ownedBy(fs: FileSystem, folder: Inode, { kind, caller, mode }: NewNode) {
  const local = fs.spool.attributes(folder.ino);
  if (((local?.mode ?? 0) & SET_GROUP_ID) === 0) return { mode, gid: caller.gid };
  const gid = local?.gid ?? fs.options.gid;
  return { mode: kind === 'folder' && mode !== null ? mode | SET_GROUP_ID : mode, gid };
}
