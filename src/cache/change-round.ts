/** The changes of one round, page after page: of each item the last word. */
import type { Change, DrivePath, ItemId } from '../drive/index.js';
import type { Answer, RecentTruth } from './recent-truth.js';

export class ChangeRound {
  /** One for all pages, as old as the first: what one of them brings is no newer truth to another. */
  readonly answer: Answer;
  readonly #recent: RecentTruth;
  readonly #last = new Map<ItemId, Change>();
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

  add(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#last.set(change.kind === 'put' ? change.placed.item.id : change.id, change);
      if (isFolder(change)) this.#depths.set(change, depthOf(change.placed.path));
    }
  }

  /**
   * Folders from the top down, what is in them, and in the end what is gone: nothing is put where it does not stay. In
   * one go over all of them: what takes longer than a look at each is for the taker's slices.
   */
  inOrder(): Iterable<Change> {
    const folders: Change[][] = [];
    const files: Change[] = [];
    const gone: Change[] = [];
    for (const change of this.#last.values()) {
      const depth = this.#depths.get(change);
      if (depth === undefined) (change.kind === 'removed' ? gone : files).push(change);
      else if (folders[depth] === undefined) folders[depth] = [change];
      else folders[depth].push(change);
    }
    return inTurn([...folders, files, gone]);
  }

  /** When all of it is stored, or given up. */
  close(): void {
    this.#recent.answered(this.answer);
  }
}

function* inTurn(groups: readonly (readonly Change[] | undefined)[]): Iterable<Change> {
  for (const group of groups) if (group !== undefined) yield* group;
}

function isFolder(change: Change): change is Extract<Change, { kind: 'put' }> {
  return change.kind === 'put' && change.placed.item.kind === 'folder';
}

function depthOf(path: DrivePath): number {
  let depth = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}
