/** The changes of one round, page after page: of each item the last word. */
import type { Change, DrivePath, ItemId } from '../drive/index.js';
import type { PathFrame } from './page-frame.js';
import type { Answer, RecentTruth } from './recent-truth.js';

/** One change, as the page has it that told of it. */
export interface ToldChange {
  readonly change: Change;
  readonly frame: PathFrame;
}

export class ChangeRound {
  /** One for all pages, as old as the first: what one of them brings is no newer truth to another. */
  readonly answer: Answer;
  readonly #recent: RecentTruth;
  readonly #last = new Map<ItemId, ToldChange>();
  /** How deep folders are, counted page by page. */
  readonly #depths = new Map<Change, number>();

  /** Before the first page is asked for. */
  constructor(recent: RecentTruth) {
    this.#recent = recent;
    this.answer = recent.ask('feed');
  }

  get size(): number {
    return this.#last.size;
  }

  add(changes: readonly Change[], frame: PathFrame): void {
    for (const change of changes) {
      this.#last.set(idOf(change), { change, frame });
      if (isFolder(change)) this.#depths.set(change, depthOf(change.placed.path));
    }
  }

  /**
   * Folders from the top down, what is in them, and in the end what is gone: nothing is put where it does not stay. In
   * one go over all of them: what takes longer than a look at each is for the taker's slices.
   */
  inOrder(): Iterable<ToldChange> {
    const folders: ToldChange[][] = [];
    const files: ToldChange[] = [];
    const gone: ToldChange[] = [];
    for (const told of this.#last.values()) {
      const depth = this.#depths.get(told.change);
      if (depth === undefined) (told.change.kind === 'put' ? files : gone).push(told);
      else if (folders[depth] === undefined) folders[depth] = [told];
      else folders[depth].push(told);
    }
    return inTurn([...folders, files, gone]);
  }

  /** When all of it is stored, or given up. */
  close(): void {
    this.#recent.answered(this.answer);
  }
}

function* inTurn(groups: readonly (readonly ToldChange[] | undefined)[]): Iterable<ToldChange> {
  for (const group of groups) if (group !== undefined) yield* group;
}

/** What has no identity counts as one. */
function idOf(change: Change): ItemId {
  return change.kind === 'put' ? change.placed.item.id : (change.id ?? '');
}

function isFolder(change: Change): change is Extract<Change, { kind: 'put' }> {
  return change.kind === 'put' && change.placed.item.kind === 'folder';
}

function depthOf(path: DrivePath): number {
  let depth = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}
