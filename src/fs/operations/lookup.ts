import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import { checkName } from '../names.js';
import type { NamedView } from '../node-view.js';
import type { Entry, NegativeEntry, ReplyOf, RequestContext, RequestOf } from '../request.js';

/** A name that is not there is remembered by the kernel as long as one that is. */
export function lookup(
  fs: FileSystem,
  { parent, name }: RequestOf<'lookup'>,
  context: RequestContext,
): ReplyOf<'lookup'> | Promise<ReplyOf<'lookup'>> {
  checkName(name);
  const folder = fs.inodes.get(parent);
  if (folder.kind !== 'folder') return new FsError('ENOTDIR');
  if (folder.unlinked !== null) return { node: 0, validMs: 0 };
  const found = fs.namespace.find(folder, name, fs.asking(context));
  return found instanceof Promise ? found.then((view) => answer(fs, view)) : answer(fs, found);
}

function answer(fs: FileSystem, found: NamedView | null): Entry | NegativeEntry {
  return found === null ? { node: 0, validMs: fs.lifetimeMs } : fs.entry(found);
}
