import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Extent } from '../kernel-port.js';
import type { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestOf } from '../request.js';

/**
 * Holes are those of the file on our disk. What is not here yet is data: the server knows no holes, and only reading
 * tells. The end of a file is a hole as well (lseek(2)).
 */
export function lseek(fs: FileSystem, { handle, offset, whence }: RequestOf<'lseek'>): ReplyOf<'lseek'> {
  const { file } = fs.fileHandle(handle);
  const { size } = file;
  if (offset < 0 || offset >= size) return new FsError('ENXIO');
  const found = extentOf(fs, file, offset, whence);
  if (found === 'unknown') return whence === 'data' ? offset : size;
  if (whence === 'hole') return found === 'none' ? size : Math.min(found, size);
  return found === 'none' || found >= size ? new FsError('ENXIO') : found;
}

function extentOf(fs: FileSystem, file: OpenFile, offset: number, whence: 'data' | 'hole'): Extent {
  // What a program wrote through a mapping is with the kernel until it says otherwise: no hole is certain.
  if (file.hasWriter) return 'unknown';
  const { descriptor } = file;
  return descriptor === null ? 'unknown' : fs.kernel.seek(descriptor, offset, whence);
}
