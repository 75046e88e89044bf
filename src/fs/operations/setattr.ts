import type { LocalAttributes } from '../../spool/index.js';
import { PERMISSION_MASK, permissionsOf } from '../attributes.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { withoutPrivileges } from '../privileges.js';
import type { AttributeChanges, Handle, ReplyOf, RequestContext, RequestOf, Timestamp } from '../request.js';
import { millisecondsOf } from '../timestamp.js';
import { open } from './open.js';

/** The server keeps the modification time (and the size, as content); the rest is remembered here. */
export async function setattr(
  fs: FileSystem,
  { node, handle, changes }: RequestOf<'setattr'>,
  context: RequestContext,
): Promise<ReplyOf<'setattr'>> {
  fs.refuseIfReadOnly();
  const inode = fs.inodes.get(node);
  if (changes.size !== undefined) await truncate(fs, inode, handle, changes.size, context);
  setTimes(fs, inode, changes);
  if (inode.unlinked === null) setOwnership(fs, inode, changes);
  else inode.unlinked = { ...inode.unlinked, local: fs.spool.attributes(inode.ino) ?? inode.unlinked.local };
  return fs.attributesReply(inode);
}

async function truncate(
  fs: FileSystem,
  inode: Inode,
  handle: Handle | null,
  size: number,
  context: RequestContext,
): Promise<void> {
  if (inode.kind !== 'file') throw new FsError(inode.kind === 'folder' ? 'EISDIR' : 'EINVAL');
  if (handle !== null) {
    const { file } = fs.fileHandle(handle);
    if (inode.open !== file) throw new FsError('ESTALE', 'changed on the server since it was opened');
    await fs.updates.setSize(file, size, context.signal);
    return;
  }
  const writable = {
    access: 'read-write',
    append: false,
    truncate: size === 0,
    exclusive: false,
    sync: false,
  } as const;
  const request = {
    operation: 'open',
    node: inode.node,
    flags: { ...writable, direct: false },
    caller: NOBODY,
  } as const;
  const opened = await open(fs, request, context);
  if (opened instanceof FsError) throw opened;
  try {
    await truncate(fs, inode, opened.handle, size, context);
  } finally {
    fs.closeHandle(fs.fileHandle(opened.handle));
  }
}

const NOBODY = { uid: 0, gid: 0, pid: 0 };

function setTimes(fs: FileSystem, inode: Inode, { accessed, modified }: AttributeChanges): void {
  const changes: { -readonly [Name in keyof LocalAttributes]?: LocalAttributes[Name] } = {};
  if (accessed !== undefined) changes.accessed = timeOf(fs, accessed);
  if (modified !== undefined) changes.modified = timeOf(fs, modified);
  if (Object.keys(changes).length === 0) return;
  fs.spool.setAttributes(inode.ino, { ...changes, changed: fs.now() });
  if (changes.modified) setModified(fs, inode, changes.modified);
}

function setModified(fs: FileSystem, inode: Inode, modified: Timestamp): void {
  inode.namesChanged = null;
  const file = inode.open;
  if (file?.dirty) file.modified = modified;
  if (inode.kind === 'folder' || inode.unlinked !== null) return;
  if (file?.dirty) return;
  fs.spool.touch(inode.ino, inode.item, millisecondsOf(modified));
}

function timeOf(fs: FileSystem, time: Timestamp | 'now'): Timestamp {
  return time === 'now' ? fs.now() : time;
}

function setOwnership(fs: FileSystem, inode: Inode, changes: AttributeChanges): void {
  const { uid, gid, killPrivileges } = changes;
  let mode = changes.mode === undefined ? undefined : changes.mode & PERMISSION_MASK;
  if (killPrivileges) {
    const before = permissionsOf(fs.namespace.view(inode), fs.options.umask);
    if (withoutPrivileges(before) !== before) mode = withoutPrivileges(mode ?? before);
  }
  if (mode === undefined && uid === undefined && gid === undefined) return;
  fs.spool.setAttributes(inode.ino, {
    ...(mode !== undefined && { mode }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    changed: fs.now(),
  });
}
