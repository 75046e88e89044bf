import { DriveError, type DriveItem } from '../../drive/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { OpenFile } from '../open-file.js';
import type { ReplyOf, RequestContext, RequestOf } from '../request.js';
import { timestampFromMs } from '../timestamp.js';

/** What the answer to COPY_FILE_RANGE can tell in older kernels. */
const LARGEST_COUNT = 0xffff_ffff;
/** A server whose clock is off by more than this did not mean "now" by the time of the copy. */
const SAME_TIME_MS = 5_000;

/**
 * A whole file that the server has, into a new one: the server copies, and no bytes travel. Everything else is left to
 * the kernel, which on EOPNOTSUPP copies through read and write (and, unlike after ENOSYS, asks again next time).
 */
export async function copyFileRange(
  fs: FileSystem,
  request: RequestOf<'copyFileRange'>,
  { signal }: RequestContext,
): Promise<ReplyOf<'copyFileRange'>> {
  const target = fs.fileHandle(request.targetHandle);
  if (!target.isWriter) return new FsError('EBADF');
  const { file } = target;
  const item = wholeRemote(fs, request);
  if (item === null || file.size > 0 || request.targetOffset > 0) return new FsError('EOPNOTSUPP');
  const { ino } = file.inode;
  let copy: DriveItem | null = null;
  const fill = async () => {
    copy = await orNull(signal, fs.spool.copyFrom(ino, { ...item, item: item.id }, signal));
    return copy;
  };
  if (!(await fs.updates.fillElsewhere(file, fill)) || copy === null) return new FsError('EOPNOTSUPP');
  setTimes(fs, file, copy);
  return item.size;
}

/** The item whose bytes are all of what is asked for, and known to nobody better than to the server. */
function wholeRemote(fs: FileSystem, request: RequestOf<'copyFileRange'>): DriveItem | null {
  const { inode, source, size } = fs.fileHandle(request.handle).file;
  if (source.kind !== 'remote' || inode.unlinked !== null || inode.item === null) return null;
  const item = fs.tree.peek(inode.item);
  const isNewest = item?.version === source.content.version && fs.spool.owed(inode.ino) === undefined;
  // The server may have rewritten what was written here; then its bytes are not those that are shown.
  if (item === undefined || !isNewest || item.size !== size) return null;
  const isWhole = request.offset === 0 && request.length >= size;
  const isInRange = size >= fs.options.smallestServerCopyBytes && size <= LARGEST_COUNT;
  return isWhole && isInRange ? item : null;
}

/** What the server would not or could not do is done here; what nobody can do is told, and so is Ctrl-C. */
async function orNull(signal: AbortSignal, copy: Promise<DriveItem | null>): Promise<DriveItem | null> {
  try {
    return await copy;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DriveError) || error.kind === 'full') throw error;
    return null;
  }
}

/** A copy is a write: its time is now. The server's own "now" is as good, and needs not be sent. */
function setTimes(fs: FileSystem, { inode }: OpenFile, copy: DriveItem): void {
  const nowMs = fs.clock.now();
  const isNow = Math.abs(copy.modifiedMs - nowMs) < SAME_TIME_MS;
  const modifiedMs = isNow ? copy.modifiedMs : nowMs;
  fs.spool.setAttributes(inode.ino, { modified: timestampFromMs(modifiedMs), changed: fs.now() });
  if (!isNow) fs.spool.touch(inode.ino, copy.id, modifiedMs);
}
