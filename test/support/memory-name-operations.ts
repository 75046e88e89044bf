/** What the in-memory file system does by name and with attributes. */
import { FsError } from '../../src/fs/index.js';
import type { MemoryFileSystem, Operations } from './memory-file-system.js';
import { LONGEST_NAME, timestampNow } from './memory-node.js';
import { renameNode } from './memory-operations.js';

export function nameOperations(
  fs: MemoryFileSystem,
): Pick<
  Operations,
  | 'lookup'
  | 'getattr'
  | 'statx'
  | 'setattr'
  | 'readlink'
  | 'symlink'
  | 'mknod'
  | 'mkdir'
  | 'unlink'
  | 'rmdir'
  | 'rename'
  | 'link'
> {
  return {
    lookup: ({ parent, name }) => {
      const node = fs.folder(parent).children.get(name);
      if (node !== undefined) return fs.entry(node);
      if (Buffer.byteLength(name) > LONGEST_NAME) return new FsError('ENAMETOOLONG');
      return { node: 0, validMs: fs.options.entryValidMs };
    },
    getattr: ({ node }) => fs.attributes(node),
    statx: ({ node }) => fs.attributes(node),
    setattr: ({ node: id, changes }) => {
      const node = fs.get(id);
      if (changes.size !== undefined) node.truncate(changes.size);
      if (changes.mode !== undefined) node.permissions = changes.mode & 0o7777;
      if (changes.killPrivileges) node.killPrivileges();
      node.uid = changes.uid ?? node.uid;
      node.gid = changes.gid ?? node.gid;
      if (changes.size !== undefined) node.modified = timestampNow();
      const { accessed, modified } = changes;
      if (accessed !== undefined) node.accessed = accessed === 'now' ? timestampNow() : accessed;
      if (modified !== undefined) node.modified = modified === 'now' ? timestampNow() : modified;
      node.changed = changes.changed ?? timestampNow();
      return fs.attributes(id);
    },
    readlink: ({ node }) => fs.get(node).target,
    symlink: ({ parent, name, target, caller }) => {
      const node = fs.make(fs.folder(parent), name, 'symlink', { mode: 0o777, ...caller });
      node.target = target;
      return fs.entry(node);
    },
    mknod: ({ parent, name, mode, caller }) =>
      (mode & 0o170000) === 0o100000
        ? fs.entry(fs.make(fs.folder(parent), name, 'file', { mode, ...caller }))
        : new FsError('EPERM'),
    mkdir: ({ parent, name, mode, caller }) =>
      fs.entry(fs.make(fs.folder(parent), name, 'folder', { mode, ...caller })),
    unlink: ({ parent, name }) => {
      if (fs.child(parent, name).kind === 'folder') return new FsError('EISDIR');
      fs.detach(fs.folder(parent), name);
      return undefined;
    },
    rmdir: ({ parent, name }) => {
      const node = fs.child(parent, name);
      if (node.kind !== 'folder') return new FsError('ENOTDIR');
      if (node.children.size > 0) return new FsError('ENOTEMPTY');
      fs.detach(fs.folder(parent), name);
      return undefined;
    },
    rename: (request) => renameNode(fs, request),
    link: () => new FsError('EPERM'),
  };
}
