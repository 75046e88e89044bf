/** What the in-memory file system does with open files. */
import { fdatasyncSync, readSync, writeSync } from 'node:fs';
import { FsError, type RequestOf } from '../../src/fs/index.js';
import { delay } from './delay.js';
import type { MemoryFileSystem, Operations } from './memory-file-system.js';
import { copyRange, fallocate, seek } from './memory-operations.js';

export function fileOperations(
  fs: MemoryFileSystem,
): Pick<
  Operations,
  | 'open'
  | 'create'
  | 'tmpfile'
  | 'read'
  | 'write'
  | 'copyFileRange'
  | 'lseek'
  | 'fallocate'
  | 'flush'
  | 'release'
  | 'fsync'
> {
  return {
    open: ({ node: id, flags }, context) => {
      const node = fs.get(id);
      if (fs.options.openForgets) fs.kernel.invalidateAttributesNow(node.id);
      if (fs.options.openDelayMs === 0) return fs.open(node, flags);
      return delay(fs.options.openDelayMs, context.signal).then(() => fs.open(node, flags));
    },
    create: ({ parent, name, mode, flags, caller }) => {
      const folder = fs.folder(parent);
      const known = folder.children.get(name);
      if (known !== undefined && flags.exclusive) return new FsError('EEXIST');
      const node = known ?? fs.make(folder, name, 'file', { mode, ...caller });
      const open = fs.open(node, flags);
      return { entry: fs.entry(node), open };
    },
    tmpfile: () => new FsError('EOPNOTSUPP'),
    read: (request, { signal }) => {
      if (fs.options.readDelayMs === 0) return read(fs, request);
      if (fs.options.hangsWhenCalledOff) signal.addEventListener('abort', hang);
      return delay(fs.options.readDelayMs, signal).then(() => read(fs, request));
    },
    write: ({ handle, offset, data, killPrivileges }) => {
      const { node } = fs.file(handle);
      if (killPrivileges) node.killPrivileges();
      const count = writeSync(node.fileDescriptor, data, 0, data.length, offset);
      node.size = Math.max(node.size, offset + count);
      node.touch();
      return count;
    },
    copyFileRange: (request) =>
      copyRange(fs.file(request.handle).node, fs.file(request.targetHandle).node, request),
    lseek: ({ handle, offset, whence }) => seek(fs.file(handle).node, offset, whence),
    fallocate: ({ handle, ...request }) => fallocate(fs.file(handle).node, request),
    flush: ({ handle }) => (fs.handles.has(handle) ? undefined : new FsError('EBADF')),
    release: ({ handle }) => {
      const { node } = fs.file(handle);
      fs.handles.delete(handle);
      node.opens -= 1;
      fs.dropIfUnused(node);
      return undefined;
    },
    fsync: ({ handle }) => {
      fdatasyncSync(fs.file(handle).node.fileDescriptor);
      return undefined;
    },
  };
}

function read(fs: MemoryFileSystem, { handle, offset, size }: RequestOf<'read'>): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  return bytes.subarray(0, readSync(fs.file(handle).node.fileDescriptor, bytes, 0, size, offset));
}

function hang(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
