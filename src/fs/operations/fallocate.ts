import { write as writeToDescriptor } from 'node:fs';
import { promisify } from 'node:util';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';

const writeAt = promisify(writeToDescriptor);
const ZEROS = Buffer.alloc(1024 * 1024);

/** Sizes only: the server allocates nothing ahead. Holes are punched by writing zeros. */
export async function fallocate(
  fs: FileSystem,
  { handle, offset, length, mode }: RequestOf<'fallocate'>,
  context: RequestContext,
): Promise<ReplyOf<'fallocate'>> {
  if (mode === 'unsupported') return new FsError('EOPNOTSUPP');
  const { file, isWriter } = fs.fileHandle(handle);
  if (!isWriter) return new FsError('EBADF');
  if (mode === 'keep-size') return undefined;
  await fs.updates.begin(file, false, context.signal);
  const end = offset + length;
  const zeroedEnd = mode === 'punch-hole' ? Math.min(end, file.size) : end;
  if (mode !== 'allocate') await writeZeros(fs, file, offset, zeroedEnd);
  if (mode !== 'punch-hole') await fs.updates.growTo(file, end, context.signal);
  return undefined;
}

async function writeZeros(fs: FileSystem, file: OpenFile, from: number, end: number): Promise<void> {
  for (let at = from; at < end; ) {
    if (file.source.kind !== 'update') await fs.updates.begin(file, false, fs.stopping);
    if (file.source.kind !== 'update') throw new FsError('EIO', 'the update ended while it was written to');
    fs.updates.markDirty(file);
    const length = Math.min(ZEROS.byteLength, end - at);
    const { bytesWritten } = await writeAt(file.source.update.descriptor, ZEROS, 0, length, at);
    at += bytesWritten;
    file.grew(at, fs.now());
  }
}
