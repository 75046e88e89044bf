/**
 * Close-to-open: which version an open is about. What is older than the attribute lifetime is confirmed, and sooner where
 * bytes have to be fetched. A small file is confirmed by its bytes, and by nothing else: they tell which version is
 * there, so that the first byte comes after one round trip, and what somebody has replaced meanwhile is not opened.
 */
import type { CachedContent } from '../../cache/index.js';
import type { ItemId } from '../../drive/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { isOutdated } from '../outdated.js';
import type { OpenFlags, RequestContext } from '../request.js';
import { gaveUpWaiting } from '../silence.js';
import { isSmall } from '../small-files-ahead.js';
import { learnServedSize } from './served-size.js';

/**
 * Where bytes have to be fetched, the version may be this old: one that is not the server's any more can't be had,
 * and its reader would be left with ESTALE. Short enough for what somebody just changed, and long enough that many files
 * opened one after another cost hardly a question more.
 */
const FETCHED_MAX_AGE_MS = 500;
/** A file that is replaced faster than it can be asked for is opened as it was last seen. */
const MOST_ATTEMPTS = 3;

/** Resolves with what lets go of the bytes that came meanwhile: to be called when the file is open. */
export async function confirmVersion(
  fs: FileSystem,
  inode: Inode,
  flags: OpenFlags,
  context: RequestContext,
): Promise<(() => void) | null> {
  if (inode.unlinked !== null || inode.item === null) return null;
  if (fs.spool.owed(inode.ino)?.content != null) return null;
  const { attributeLifetimeMs } = fs.options;
  const fetchedMaxAgeMs = Math.min(FETCHED_MAX_AGE_MS, attributeLifetimeMs);
  for (let attempt = 0; isSmallToRead(fs, inode.item, flags) && attempt < MOST_ATTEMPTS; attempt += 1) {
    const content = contentOf(fs, inode, inode.item);
    const seen = await firstBytes(fs, inode, content, context);
    if (seen !== 'other') return () => content.close();
    content.close();
    await refresh(fs, inode.item, context, 0);
  }
  const isFetched = isToBeFetched(fs, inode.item, flags) && fs.tree.statistics.complete;
  await refresh(fs, inode.item, context, isFetched ? fetchedMaxAgeMs : attributeLifetimeMs);
  return null;
}

/** The server's version of a file as it is known now, opened. */
export function contentOf(fs: FileSystem, inode: Inode, id: ItemId): CachedContent {
  const item = fs.tree.peek(id);
  if (item === undefined) throw new FsError('ESTALE', 'the file is gone');
  const written = fs.spool.attributes(inode.ino)?.written;
  const size = written?.forVersion === item.version ? written.size : item.size;
  const content = fs.content.open(id, item.version, size);
  // The kernel would fill up with zeros what is missing to the size that it was told.
  if (content.complete && content.size !== size) learnServedSize(fs, inode, content);
  return content;
}

function isSmallToRead(fs: FileSystem, id: ItemId, flags: OpenFlags): boolean {
  const item = fs.tree.peek(id);
  return flags.access === 'read' && item !== undefined && isSmall(item) && isToBeFetched(fs, id, flags);
}

function isToBeFetched(fs: FileSystem, id: ItemId, { access, truncate }: OpenFlags): boolean {
  if (truncate && access !== 'read') return false;
  const item = fs.tree.peek(id);
  return item !== undefined && item.size > 0 && !fs.content.isComplete(id, item.version);
}

/** `other`: not this version, or not there. Any other trouble is told to whoever reads: what is known can be opened. */
async function firstBytes(
  fs: FileSystem,
  inode: Inode,
  content: CachedContent,
  context: RequestContext,
): Promise<'this' | 'other' | 'unknown'> {
  const { size } = content;
  const beganMs = fs.clock.monotonic();
  try {
    await content.arrive(0, 1, fs.asking(context).signal);
    if (content.size !== size) learnServedSize(fs, inode, content);
    return 'this';
  } catch (error) {
    if (context.signal.aborted) {
      content.close();
      throw error;
    }
    if (isOutdated(error)) return 'other';
    gaveUpWaiting(inode, { beganMs, nowMs: fs.clock.monotonic() });
    return 'unknown';
  }
}

async function refresh(fs: FileSystem, id: ItemId, context: RequestContext, maxAgeMs: number): Promise<void> {
  const item = await fs.tree.refresh(id, fs.asking(context, maxAgeMs));
  if (item === null) throw new FsError('ESTALE', 'removed on the server');
}
