import type { LocalAttributes } from '../../spool/index.js';
import type { FileSystem } from '../file-system.js';
import { FsError } from '../fs-error.js';
import type { Inode } from '../inode.js';
import { checkName, checkPath } from '../names.js';
import type { NamedView } from '../node-view.js';
import type { RequestContext } from '../request.js';

/** Two waits at the most: the first answer makes the name known, unless the folder changed under us. */
const ATTEMPTS = 3;

/**
 * Runs `act` with what is called `name` in `folder`, with nothing happening in between: whoever checks and then changes
 * a name does both in `act`, which must not wait.
 */
export async function withName<Result>(
  fs: FileSystem,
  folder: Inode,
  name: string,
  context: RequestContext,
  act: (found: NamedView | null) => Result,
): Promise<Result> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = fs.namespace.find(folder, name, fs.asking(context));
    if (!(found instanceof Promise)) return act(found);
    const answer = await found;
    if (attempt === ATTEMPTS) return act(answer);
  }
  throw new FsError('EAGAIN');
}

/** Throws unless a new item called `name` may be made in `folder`, where nothing of exactly that name is. */
export function checkNewName(fs: FileSystem, folder: Inode, name: string): void {
  checkName(name);
  checkPath(fs.namespace.pathOf(folder, name), fs.drive);
  if (!fs.drive.capabilities.caseInsensitive) return;
  if (fs.namespace.caseVariant(folder, name) !== undefined) {
    throw new FsError('EEXIST', 'the server takes no two names that differ only in case');
  }
}

/** Whoever makes, removes or renames something in `folder` changes its times, and remembers which item it is. */
export function folderChanged(fs: FileSystem, folder: Inode): void {
  const times = timesOfChanged(fs, folder);
  if (times !== null) fs.spool.setAttributes(folder.ino, times);
}

/** The same for somebody who records the folder's new times together with the change; null: there is nothing to record. */
export function timesOfChanged(fs: FileSystem, folder: Inode): Partial<LocalAttributes> | null {
  const now = fs.now();
  folder.namesChanged = now;
  if (folder.item !== null) fs.spool.bind(folder.ino, folder.item);
  return fs.spool.attributes(folder.ino)?.modified ? { modified: now, changed: now } : null;
}
