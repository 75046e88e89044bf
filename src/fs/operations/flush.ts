import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import type { RequestOf } from '../request.js';

/** close(2) of one descriptor: what was written is owed when this returns. */
export function flush(fs: FileSystem, { handle }: RequestOf<'flush'>): undefined | FsError {
  const { file, isWriter } = fs.fileHandle(handle);
  return isWriter ? owe(fs, file) : undefined;
}

/** A full drive is told to whoever wrote, not kept silent; the bytes are owed all the same (semantics: Attributes). */
export function owe(fs: FileSystem, file: OpenFile): undefined | FsError {
  const isNews = file.dirty;
  fs.updates.commit(file);
  if (!isNews || !fs.quota.isExceededBy(fs.spool.statistics.bytesOwed)) return undefined;
  return new FsError('EDQUOT', 'the drive is full');
}
