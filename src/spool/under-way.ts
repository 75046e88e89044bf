/** The steps that are under way, one per node at most, and the nodes that must begin none because they are about to change. */
import type { DrivePath } from '../drive/index.js';
import type { Operation } from './send-context.js';
import type { Ino } from './spool.js';

export class UnderWay {
  readonly #operations = new Map<Ino, Operation>();
  /** With how many want that. */
  readonly #held = new Map<Ino, number>();

  get size(): number {
    return this.#operations.size;
  }

  stepOf(ino: Ino): Operation['step'] | null {
    return this.#operations.get(ino)?.step ?? null;
  }

  has(ino: Ino): boolean {
    return this.#operations.has(ino);
  }

  begin(operation: Operation): void {
    this.#operations.set(operation.ino, operation);
  }

  end(ino: Ino): void {
    this.#operations.delete(ino);
  }

  /** Gives up the upload of that node, if there is one; it has ended when its `done` resolves. */
  abortUpload(ino: Ino): Operation | null {
    const operation = this.#operations.get(ino);
    if (operation?.step.kind !== 'upload') return null;
    operation.controller.abort(new Error('superseded'));
    return operation;
  }

  /**
   * Resolves when no move that takes along what is at `path` is under way; rejects with the signal's reason. It waits once:
   * where something is after one move, the next one is somebody else's question.
   */
  async moved(path: DrivePath, signal: AbortSignal): Promise<void> {
    const moves = [...this.#operations.values()].filter(({ step }) => takesAlong(step, path));
    if (moves.length === 0) return;
    signal.throwIfAborted();
    const over = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      const options = { once: true, signal: over.signal };
      signal.addEventListener('abort', () => reject(signal.reason), options);
    });
    try {
      await Promise.race([Promise.all(moves.map(({ done }) => done)), aborted]);
    } finally {
      // The signal may be one that lives as long as the daemon.
      over.abort();
    }
  }

  /** Gives up everything and waits for its end. */
  async abortAll(reason: Error): Promise<void> {
    const operations = [...this.#operations.values()];
    for (const { controller } of operations) controller.abort(reason);
    await Promise.all(operations.map(({ done }) => done));
  }

  hold(ino: Ino): void {
    this.#held.set(ino, (this.#held.get(ino) ?? 0) + 1);
  }

  release(ino: Ino): void {
    const holders = (this.#held.get(ino) ?? 1) - 1;
    if (holders > 0) this.#held.set(ino, holders);
    else this.#held.delete(ino);
  }

  isHeld(ino: Ino): boolean {
    return this.#held.has(ino);
  }
}

function takesAlong(step: Operation['step'], path: DrivePath): boolean {
  return step.kind === 'move' && `${path}/`.startsWith(`${step.path}/`);
}
