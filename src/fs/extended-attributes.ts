/**
 * The attributes under `user.odbfs.`: readable on every item, not listed, so that `cp -a` and `rsync -X` leave them
 * alone (cli.md, Extended attributes).
 */
import { reasonOf, refusalOf } from '../spool/index.js';
import type { FileSystem } from './file-system.js';
import type { Inode } from './inode.js';
import type { NodeView } from './node-view.js';

/**
 * Not ENODATA for the others: that something like it can't be here is learned once by ls -l, which asks for two of them per
 * file. What else the kernel knows means things to it that we can't promise.
 */
export const KEPT_ATTRIBUTES = { prefix: 'user.', othersAre: 'EOPNOTSUPP' } as const;
export const VIRTUAL_PREFIX = 'user.odbfs.';
export const PIN_ATTRIBUTE = 'user.odbfs.pin';
/** What the server will tell of an item that it does not have yet: nothing, but readable as on every item. */
const NOT_YET = '';

/** The value, or null when this item has no such attribute. */
export function virtualAttribute(fs: FileSystem, inode: Inode, name: string): string | null {
  const view = fs.namespace.view(inode);
  switch (name) {
    case 'user.odbfs.state':
      return stateOf(fs, view);
    case 'user.odbfs.reason':
      return view.owed === undefined
        ? ''
        : (refusalOf(fs.spool, view.owed) ?? reasonOf(view.owed.state) ?? '');
    case 'user.odbfs.id':
      return view.item?.id ?? NOT_YET;
    case 'user.odbfs.etag':
      return view.item?.version ?? NOT_YET;
    case 'user.odbfs.url':
      return view.item === null ? NOT_YET : fs.options.pageOf(fs.tree.pathOf(view.item.id) ?? '/');
    case PIN_ATTRIBUTE:
      return view.local?.pinned ? '1' : '0';
    default:
      return null;
  }
}

/** Owed is told before cached: people ask "is it safe up there?" first. Then what wants a decision of theirs. */
function stateOf(fs: FileSystem, view: NodeView): string {
  const { ino, owed, item, local } = view;
  if (owed !== undefined) return owedState(fs, owed);
  if (fs.spool.isConflictCopy(ino)) return 'conflict';
  if (local?.pinned) return 'pinned';
  if (item === null || view.kind === 'folder') return item === null ? 'owed' : 'cached';
  return fs.content.isComplete(item.id, item.version) ? 'cached' : 'remote';
}

function owedState({ spool }: FileSystem, owed: NonNullable<NodeView['owed']>): string {
  const { state, content } = owed;
  const refusal = refusalOf(spool, owed);
  if (refusal !== null) return `refused: ${refusal}`;
  if (state.kind !== 'sending' || content === null) return 'owed';
  const percent = content.size === 0 ? 100 : Math.floor((state.bytesSent / content.size) * 100);
  return `uploading ${Math.min(100, percent)}%`;
}
