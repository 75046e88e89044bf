/** The changes of one round, page after page as they were asked for: of each item the last word. */
import type { Change, ItemId } from '../drive/index.js';
import type { Answer, RecentTruth } from './recent-truth.js';

export interface HeardChange {
  readonly change: Change;
  /** What brought it. */
  readonly answer: Answer;
}

export class ChangeRound {
  readonly #recent: RecentTruth;
  readonly #answers: Answer[] = [];
  readonly #last = new Map<ItemId, HeardChange>();

  constructor(recent: RecentTruth) {
    this.#recent = recent;
  }

  get size(): number {
    return this.#last.size;
  }

  /** Before a page is asked for. */
  ask(): Answer {
    const answer = this.#recent.ask('feed');
    this.#answers.push(answer);
    return answer;
  }

  add(changes: readonly Change[], answer: Answer): void {
    for (const change of changes) {
      const id = change.kind === 'put' ? change.placed.item.id : change.id;
      this.#last.set(id, { change, answer });
    }
  }

  /** Folders from the top down, what is in them, and in the end what is gone: nothing is put where it does not stay. */
  inOrder(): HeardChange[] {
    const folders: HeardChange[] = [];
    const files: HeardChange[] = [];
    const gone: HeardChange[] = [];
    for (const heard of this.#last.values()) {
      const { change } = heard;
      if (change.kind === 'removed') gone.push(heard);
      else (change.placed.item.kind === 'folder' ? folders : files).push(heard);
    }
    folders.sort((one, other) => depthOf(one) - depthOf(other));
    return [...folders, ...files, ...gone];
  }

  /** When all of it is stored, or given up. */
  close(): void {
    for (const answer of this.#answers) this.#recent.answered(answer);
  }
}

function depthOf({ change }: HeardChange): number {
  return change.kind === 'put' ? change.placed.path.split('/').length : 0;
}
