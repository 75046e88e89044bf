import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { checkName } from '../names.js';
import type { NamedView } from '../node-view.js';
import type { Caller, Entry, NegativeEntry, ReplyOf, RequestContext, RequestOf } from '../request.js';

/** A name that is not there is remembered by the kernel as long as one that is. */
export function lookup(
  fs: FileSystem,
  { parent, name, caller }: RequestOf<'lookup'>,
  context: RequestContext,
): ReplyOf<'lookup'> | Promise<ReplyOf<'lookup'>> {
  checkName(name);
  const folder = fs.inodes.get(parent);
  if (folder.kind !== 'folder') return new FsError('ENOTDIR');
  if (folder.unlinked !== null) return { node: 0, validMs: 0 };
  const found = fs.namespace.find(folder, name, fs.asking(context));
  return found instanceof Promise
    ? found.then((view) => answer(fs, folder, view, caller))
    : answer(fs, folder, found, caller);
}

function answer(
  fs: FileSystem,
  folder: Inode,
  found: NamedView | null,
  caller: Caller,
): Entry | NegativeEntry {
  if (found === null) return { node: 0, validMs: fs.lifetimes.entriesMs };
  const entry = fs.entry(found, folder);
  if (fs.options.attributeLifetimeMs === 0) fs.sameCall.lookedUp(caller, entry.node);
  return entry;
}
