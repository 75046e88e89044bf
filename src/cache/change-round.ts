/** The changes of one round, page after page: of each item the last word. */
import type { Change, ItemId } from '../drive/index.js';
import type { Answer, RecentTruth } from './recent-truth.js';

export class ChangeRound {
  /** One for all pages, as old as the first: what one of them brings is no newer truth to another. */
  readonly answer: Answer;
  readonly #recent: RecentTruth;
  readonly #last = new Map<ItemId, Change>();

  /** Before the first page is asked for. */
  constructor(recent: RecentTruth) {
    this.#recent = recent;
    this.answer = recent.ask('feed');
  }

  get size(): number {
    return this.#last.size;
  }

  add(changes: readonly Change[]): void {
    for (const change of changes)
      this.#last.set(change.kind === 'put' ? change.placed.item.id : change.id, change);
  }

  /** Folders from the top down, what is in them, and in the end what is gone: nothing is put where it does not stay. */
  inOrder(): Change[] {
    const folders: Change[] = [];
    const files: Change[] = [];
    const gone: Change[] = [];
    for (const change of this.#last.values()) {
      if (change.kind === 'removed') gone.push(change);
      else (change.placed.item.kind === 'folder' ? folders : files).push(change);
    }
    folders.sort((one, other) => depthOf(one) - depthOf(other));
    return [...folders, ...files, ...gone];
  }

  /** When all of it is stored, or given up. */
  close(): void {
    this.#recent.answered(this.answer);
  }
}

function depthOf(change: Change): number {
  return change.kind === 'put' ? change.placed.path.split('/').length : 0;
}
