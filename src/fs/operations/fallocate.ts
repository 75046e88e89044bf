import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { writeSome } from './write.js';

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
    at += await writeSome(fs, file, ZEROS.subarray(0, Math.min(ZEROS.byteLength, end - at)), at);
  }
}
