/**
 * Notices somebody who walks the tree folder by folder (`find`, `rsync`), and has the folders that come next listed
 * ahead, a few at a time in the bulk lane. For servers that do not show their tree as a whole.
 */
import type { TaskGroup } from '../base/index.js';
import type { EntryKey } from './tree-entry.js';

export interface WalkLimits {
  readonly parallel: number;
  /** Folders listed ahead that the walker has not come to yet. */
  readonly mostAhead: number;
  /** Folders that wait to be listed; the ones that were put there first are dropped. */
  readonly mostWaiting: number;
}

export interface WalkPorts {
  /** Lists a folder if that is still worth while. Never rejects but with the signal's reason. */
  list(folder: EntryKey, signal: AbortSignal): Promise<void>;
  /** The folders in a folder, as far as known, in the order in which they will be walked. */
  foldersIn(folder: EntryKey): EntryKey[];
}

/** Folders listed lately; a listing of a folder in one of them is a step of a walk. */
const MOST_RECENT = 256;
/** After so many steps it is a walk. */
const STEPS_OF_A_WALK = 2;

export class WalkAhead {
  readonly #limits: WalkLimits;
  readonly #ports: WalkPorts;
  /** The last one is the next one; those that are not in `#waiting` any more count for nothing. */
  #stack: EntryKey[] = [];
  readonly #waiting = new Set<EntryKey>();
  readonly #ahead = new Set<EntryKey>();
  readonly #recent = new Map<EntryKey, number>();
  #tasks: TaskGroup | null = null;
  #running = 0;

  constructor(limits: WalkLimits, ports: WalkPorts) {
    this.#limits = limits;
    this.#ports = ports;
  }

  start(tasks: TaskGroup): void {
    this.#tasks = tasks;
  }

  /** Somebody listed `folder`, which lies in `parent`. */
  walked(folder: EntryKey, parent: EntryKey): void {
    this.#waiting.delete(folder);
    this.#ahead.delete(folder);
    const isRepeated = this.#recent.has(folder);
    const before = this.#recent.get(parent);
    const steps = before === undefined ? 0 : before + 1;
    this.#remember(folder, steps);
    if (before !== undefined && !isRepeated) this.#recent.set(parent, steps);
    if (steps < STEPS_OF_A_WALK) return;
    if (steps === STEPS_OF_A_WALK) {
      this.#ahead.clear();
      this.#await(parent);
    }
    this.#await(folder);
    this.#run();
  }

  #await(folder: EntryKey): void {
    for (const child of this.#ports.foldersIn(folder).reverse()) {
      if (this.#recent.has(child) || this.#ahead.has(child)) continue;
      this.#waiting.add(child);
      this.#stack.push(child);
    }
    if (this.#stack.length <= this.#limits.mostWaiting) return;
    this.#stack = this.#stack.slice(-this.#limits.mostWaiting);
    const kept = new Set(this.#stack);
    for (const one of this.#waiting) if (!kept.has(one)) this.#waiting.delete(one);
  }

  #run(): void {
    while (this.#tasks !== null && this.#running < this.#limits.parallel) {
      // Taken here: with as much ahead as there may be, much may wait and there is nothing to do.
      const first = this.#next();
      if (first === undefined) return;
      this.#running += 1;
      this.#tasks.start('walk ahead', (signal) => this.#work(first, signal));
    }
  }

  async #work(first: EntryKey, signal: AbortSignal): Promise<void> {
    try {
      for (
        let next: EntryKey | undefined = first;
        next !== undefined && !signal.aborted;
        next = this.#next()
      ) {
        this.#ahead.add(next);
        await this.#ports.list(next, signal);
        this.#await(next);
      }
    } finally {
      this.#running -= 1;
    }
  }

  #next(): EntryKey | undefined {
    if (this.#ahead.size >= this.#limits.mostAhead) return undefined;
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      if (this.#waiting.delete(next)) return next;
    }
    return undefined;
  }

  #remember(folder: EntryKey, steps: number): void {
    this.#recent.delete(folder);
    this.#recent.set(folder, steps);
    if (this.#recent.size > MOST_RECENT) this.#recent.delete(this.#recent.keys().next().value!);
  }
}
