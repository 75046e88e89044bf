import type { FileSystem } from '../file-system.js';
import type { FsError } from '../fs-error.js';
import { confirmedByServer } from '../remote-confirmation.js';
import type { RequestContext, RequestOf } from '../request.js';
import { owe } from './flush.js';

/** With `-o fsync=remote` the server has confirmed size and version when this returns. */
export async function fsync(
  fs: FileSystem,
  { handle }: RequestOf<'fsync'>,
  { signal }: RequestContext,
): Promise<undefined | FsError> {
  const { file } = fs.fileHandle(handle);
  const refusal = owe(fs, file);
  if (file.inode.unlinked !== null) return undefined;
  await fs.spool.sync(file.inode.ino);
  // Whether there is room for this one, the server says better than what is known.
  if (fs.options.fsync !== 'remote') return refusal;
  await confirmedByServer(fs, file.inode.ino, signal);
  return undefined;
}

/** Names are in the journal already; this makes them survive a power cut. */
export async function fsyncdir(
  fs: FileSystem,
  { handle }: RequestOf<'fsyncdir'>,
  { signal }: RequestContext,
): Promise<undefined> {
  await fs.spool.sync();
  const directory = fs.directories.get(handle);
  if (fs.options.fsync === 'remote' && directory) await confirmedByServer(fs, directory.inode.ino, signal);
  return undefined;
}
