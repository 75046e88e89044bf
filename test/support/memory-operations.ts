/** The longer operations of the in-memory file system. */
import { readSync, writeSync } from 'node:fs';
import { FsError, type RequestOf } from '../../src/fs/index.js';
import type { MemoryFileSystem } from './memory-file-system.js';
import type { MemoryNode } from './memory-node.js';

export function renameNode(
  fs: MemoryFileSystem,
  { parent, name, newParent, newName, flags }: RequestOf<'rename'>,
): FsError | undefined {
  if (flags.unknown) return new FsError('EINVAL');
  if (Buffer.byteLength(newName) > 255) return new FsError('ENAMETOOLONG');
  const [from, to] = [fs.folder(parent), fs.folder(newParent)];
  const node = fs.child(parent, name);
  const other = to.children.get(newName);
  if (isBelow(node, to)) return new FsError('EINVAL');
  if (flags.exchange)
    return other === undefined ? new FsError('ENOENT') : exchange({ from, name, node, to, newName, other });
  if (other !== undefined && flags.noReplace) return new FsError('EEXIST');
  if (other === node) return undefined;
  if (other !== undefined) {
    if (other.kind === 'folder' && node.kind !== 'folder') return new FsError('EISDIR');
    if (other.kind !== 'folder' && node.kind === 'folder') return new FsError('ENOTDIR');
    if (other.children.size > 0) return new FsError('ENOTEMPTY');
    fs.detach(to, newName);
  }
  from.children.delete(name);
  place(from, to, newName, node);
  return undefined;
}

interface Exchange {
  readonly from: MemoryNode;
  readonly name: string;
  readonly node: MemoryNode;
  readonly to: MemoryNode;
  readonly newName: string;
  readonly other: MemoryNode;
}

function exchange({ from, name, node, to, newName, other }: Exchange): FsError | undefined {
  if (isBelow(other, from)) return new FsError('EINVAL');
  place(from, to, newName, node);
  place(to, from, name, other);
  return undefined;
}

function place(from: MemoryNode, to: MemoryNode, name: string, node: MemoryNode): void {
  to.children.set(name, node);
  node.parent = to;
  if (node.kind === 'folder') {
    from.links -= 1;
    to.links += 1;
  }
  from.touch();
  to.touch();
  node.changed = to.changed;
}

function isBelow(node: MemoryNode, folder: MemoryNode): boolean {
  for (let at = folder; ; at = at.parent) {
    if (at === node) return true;
    if (at.parent === at) return false;
  }
}

const COPY_AT_ONCE = 1 << 20;

export function copyRange(
  source: MemoryNode,
  target: MemoryNode,
  { offset, targetOffset, length }: RequestOf<'copyFileRange'>,
): number {
  const bytes = Buffer.allocUnsafe(Math.min(length, COPY_AT_ONCE));
  const count = readSync(source.fileDescriptor, bytes, 0, bytes.length, offset);
  if (count > 0) writeSync(target.fileDescriptor, bytes, 0, count, targetOffset);
  target.size = Math.max(target.currentSize, targetOffset + count);
  target.touch();
  return count;
}

/** As a file system may that knows no holes but the one at the end. */
export function seek(node: MemoryNode, offset: number, whence: 'data' | 'hole'): number | FsError {
  if (offset >= node.currentSize) return new FsError('ENXIO');
  return whence === 'data' ? offset : node.currentSize;
}

export function fallocate(
  node: MemoryNode,
  { mode, offset, length }: Pick<RequestOf<'fallocate'>, 'mode' | 'offset' | 'length'>,
): FsError | undefined {
  const size = node.currentSize;
  const end = offset + length;
  if (mode === 'unsupported') return new FsError('EOPNOTSUPP');
  if (mode === 'punch-hole' || mode === 'zero-range') zero(node, offset, Math.min(end, size) - offset);
  if ((mode === 'allocate' || mode === 'zero-range') && end > size) node.truncate(end);
  if (mode !== 'keep-size') node.touch();
  return undefined;
}

function zero(node: MemoryNode, offset: number, length: number): void {
  const zeros = Buffer.alloc(Math.min(Math.max(length, 0), COPY_AT_ONCE));
  for (let done = 0; done < length; ) {
    done += writeSync(node.fileDescriptor, zeros, 0, Math.min(zeros.length, length - done), offset + done);
  }
}
