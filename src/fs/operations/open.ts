import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { OpenFile, openPayload, type Source } from '../open-file.js';
import type { OpenFlags, OpenReply, ReplyOf, RequestContext, RequestOf } from '../request.js';
import { confirmVersion, contentOf } from './confirm-version.js';

/**
 * Opens the newest version that the server has, or what we owe. The bytes come later, but the version is fixed now:
 * the handle keeps reading it. Writing begins with the first write, truncation at once.
 */
export async function open(
  fs: FileSystem,
  { node, flags, caller }: RequestOf<'open'>,
  context: RequestContext,
): Promise<ReplyOf<'open'>> {
  const inode = fs.inodes.get(node);
  if (inode.kind === 'folder') return new FsError('EISDIR');
  if (inode.kind === 'symlink') return new FsError('ELOOP');
  if (flags.access !== 'read' || flags.truncate) fs.refuseIfReadOnly();
  if (flags.truncate && flags.access === 'read') await empty(fs, { node, flags, caller }, context);
  const letGo = fs.sameCall.opens(caller, node) ? null : await confirmVersion(fs, inode, flags, context);
  let file: OpenFile;
  try {
    await fs.arrivals.wait(inode.ino);
    file = obtainOpenFile(fs, inode);
  } finally {
    letGo?.();
  }
  if (flags.access === 'read') readAhead(fs, inode);
  if (!flags.truncate || flags.access === 'read') return openReply(fs, file, flags);
  // A handle is there before we wait, so that the file is not closed under us.
  const reply = openReply(fs, file, flags);
  const handle = fs.fileHandle(reply.handle);
  try {
    await fs.updates.begin(file, true, context.signal);
  } catch (error) {
    fs.closeHandle(handle);
    throw error;
  }
  return reply;
}

/**
 * Who only reads may empty the file all the same, as on any file system of Linux: the kernel has seen that the caller may
 * write, and has emptied its own pages.
 */
async function empty(
  fs: FileSystem,
  { node, flags, caller }: Pick<RequestOf<'open'>, 'node' | 'flags' | 'caller'>,
  context: RequestContext,
): Promise<void> {
  const writing = { ...flags, access: 'read-write' } as const;
  const opened = await open(fs, { operation: 'open', node, flags: writing, caller }, context);
  if (opened instanceof FsError) throw opened;
  fs.closeHandle(fs.fileHandle(opened.handle));
}

export function openReply(fs: FileSystem, file: OpenFile, flags: OpenFlags): OpenReply {
  const { inode } = file;
  const handle = fs.addHandle(file, flags);
  const keepCache = inode.pagesKey === file.pagesKey;
  // Older versions are still being read through the page cache: it must not see bytes of this one.
  const directIo = inode.outdatedOpens > 0;
  if (!directIo) inode.pagesKey = file.pagesKey;
  // The news of another size may still be on its way to the kernel, which would read the new version to the old one's end.
  if (inode.toldSize !== file.size) fs.kernel.invalidateAttributesNow(inode.node);
  return {
    handle: handle.id,
    keepCache,
    directIo,
    skipsFlush: !handle.isWriter,
    // Until the bridge knows the handle, an upload may take the file away from its writers and close the descriptor.
    get backing() {
      return handle.backing;
    },
  };
}

function obtainOpenFile(fs: FileSystem, inode: Inode): OpenFile {
  const current = inode.open;
  if (current !== null && isNewest(fs, current)) return current;
  const file = inode.kept ?? new OpenFile(inode, newestSource(fs, inode), fs.kernel);
  inode.kept = null;
  if (current !== null) inode.outdatedOpens += 1;
  inode.open = file;
  return file;
}

/**
 * Before a file that nobody but us has is replaced: between a look-up and its open another file may come into its place,
 * and who is refused then is refused though the name was always there. The bytes stay until the kernel forgets the file.
 */
export function keepForOpeners(fs: FileSystem, inode: Inode): void {
  if (inode.open !== null || inode.kept !== null || !fs.namespace.view(inode).owed?.content) return;
  try {
    inode.kept = new OpenFile(inode, newestSource(fs, inode), fs.kernel);
  } catch (error) {
    fs.log.debug({ error }, 'the bytes of a replaced file are not kept for who opens it late');
  }
}

function isNewest(fs: FileSystem, { inode, source }: OpenFile): boolean {
  if (inode.unlinked !== null) return true;
  const { owed, item, local } = fs.namespace.view(inode);
  const isOwed = owed?.content != null && !fs.arrivals.hasArrived(inode.ino);
  if (isOwed || item === null) return source.kind !== 'remote';
  const opened = source.kind === 'remote' ? source.content.version : local?.written?.forVersion;
  return item.version === opened;
}

function newestSource(fs: FileSystem, inode: Inode): Source {
  const { owed, item } = fs.namespace.view(inode);
  if (owed?.content && !fs.arrivals.hasArrived(inode.ino)) {
    const { file, generation, size } = owed.content;
    return openPayload(file, `update ${generation}`, size);
  }
  if (item === null) throw new FsError('ESTALE', 'the file is gone');
  return { kind: 'remote', content: contentOf(fs, inode, item.id) };
}

function readAhead(fs: FileSystem, inode: Inode): void {
  const place = fs.namespace.placeOf(inode);
  if (place !== null) fs.ahead.opened(place.in, inode.ino);
}
