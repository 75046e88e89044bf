import type { FileSystem } from '../file-system.js';
import type { RequestOf } from '../request.js';

/** close(2) of one descriptor: what was written is owed when this returns. */
export function flush(fs: FileSystem, { handle }: RequestOf<'flush'>): undefined {
  const { file, isWriter } = fs.fileHandle(handle);
  if (isWriter) fs.updates.commit(file);
  return undefined;
}
