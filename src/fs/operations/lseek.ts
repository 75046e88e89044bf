import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { ReplyOf, RequestOf } from '../request.js';

/** The server knows no holes: all bytes are data, and the only hole is the one behind the end (lseek(2)). */
export function lseek(fs: FileSystem, { handle, offset, whence }: RequestOf<'lseek'>): ReplyOf<'lseek'> {
  const { size } = fs.fileHandle(handle).file;
  if (offset < 0 || offset >= size) return new FsError('ENXIO');
  return whence === 'data' ? offset : size;
}
