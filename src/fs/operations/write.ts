import { write as writeToDescriptor } from 'node:fs';
import { promisify } from 'node:util';
import type { FileHandle } from '../file-handle.js';
import type { FileSystem } from '../file-system.js';
import { errnoOf, FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import { clearPrivileges } from '../privileges.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';

const writeAt = promisify(writeToDescriptor);

/**
 * The first write of an update, and writes after a commit: they begin an update, and bind the handle to its payload so
 * that the bridge takes the following ones by itself.
 */
export async function write(
  fs: FileSystem,
  request: RequestOf<'write'>,
  context: RequestContext,
): Promise<ReplyOf<'write'>> {
  const handle = fs.fileHandle(request.handle);
  const { file } = handle;
  if (!handle.isWriter) return new FsError('EBADF');
  // Newer bytes than this handle's are known here: writing over them would lose them.
  if (file.inode.open !== file) return new FsError('ESTALE', 'changed on the server since it was opened');
  if (file.source.kind !== 'update') await fs.updates.begin(file, false, context.signal);
  const written = await writeAll(fs, handle, request);
  if (request.killPrivileges) clearPrivileges(fs, file.inode);
  if (handle.flags.sync) await syncWrite(fs, handle, context);
  return written;
}

async function writeAll(
  fs: FileSystem,
  { file }: FileHandle,
  { data, offset }: RequestOf<'write'>,
): Promise<number> {
  let written = 0;
  while (written < data.byteLength) {
    written += await writeSome(fs, file, data.subarray(written), offset + written);
  }
  return written;
}

/** Makes the file writable where it is not, as often as uploads take it away; resolves with how much was written. */
export async function writeSome(
  fs: FileSystem,
  file: OpenFile,
  bytes: Uint8Array,
  offset: number,
): Promise<number> {
  while (file.source.kind !== 'update') await fs.updates.begin(file, false, fs.stopping);
  const { descriptor } = file.source.update;
  fs.updates.markDirty(file);
  return file.whileWriting(async () => {
    const { bytesWritten } = await orWithMoreRoom(fs, () =>
      writeAt(descriptor, bytes, 0, bytes.length, offset),
    );
    file.grew(offset + bytesWritten, fs.now());
    fs.room.wrote(bytesWritten);
    return bytesWritten;
  });
}

/** A full disk: what can be fetched again makes room first (semantics: Durability). */
async function orWithMoreRoom<Result>(fs: FileSystem, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC' || !(await fs.room.make())) throw error;
    return work();
  }
}

/** O_SYNC and O_DSYNC: each write is as durable as after fsync. */
async function syncWrite(fs: FileSystem, { file }: FileHandle, { signal }: RequestContext): Promise<void> {
  fs.updates.commit(file);
  await fs.spool.sync(file.inode.ino);
  if (fs.options.fsync === 'remote') await fs.spool.settled([file.inode.ino], signal);
}
