import type { FileSystem } from '../file-system.js';
import type { RequestOf } from '../request.js';

export function release(fs: FileSystem, { handle }: RequestOf<'release'>): undefined {
  fs.closeHandle(fs.fileHandle(handle));
  return undefined;
}
