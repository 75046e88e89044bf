import type { FileSystem } from './file-system.js';
import type { Inode } from './inode.js';

const SET_USER_ID = 0o4000;
export const SET_GROUP_ID = 0o2000;
const GROUP_EXECUTE = 0o010;

/** The mode after somebody else's write or chown: no set-user-id, and no set-group-id on what a group may execute. */
export function withoutPrivileges(mode: number): number {
  const isGroupExecutable = (mode & GROUP_EXECUTE) !== 0;
  return mode & ~SET_USER_ID & ~(isGroupExecutable ? SET_GROUP_ID : 0);
}

/** The kernel leaves this to us (FUSE_HANDLE_KILLPRIV_V2), in return for not asking before every write. */
export function clearPrivileges(fs: FileSystem, inode: Inode): void {
  const mode = fs.spool.attributes(inode.ino)?.mode;
  if (mode == null || withoutPrivileges(mode) === mode) return;
  fs.spool.setAttributes(inode.ino, { mode: withoutPrivileges(mode) });
  fs.kernel.invalidateAttributes(inode.node);
}
