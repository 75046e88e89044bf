/**
 * Where nothing is believed for any time (`actimeo=0`), the kernel asks for each system call anew, and several times in
 * one: it looks up the name, asks for the attributes of what it found, opens it. The look-up has brought the server's
 * word on that; what follows it at once from the same thread, for the same node, belongs to the same call, for the next
 * call begins with a look-up of its own. Without a look-up (fstat, a read) the server is asked.
 */
import type { Clock } from '../base/index.js';
import type { Caller, NodeId } from './request.js';

/** What follows in the same call comes within microseconds; on a busy machine the server is asked once more. */
const SAME_CALL_MS = 100;
/** Threads in the middle of a call. */
const MOST_THREADS = 1024;

interface LookedUp {
  readonly node: NodeId;
  readonly atMs: number;
  isStatOpen: boolean;
}

export class SameCall {
  readonly #clock: Clock;
  readonly #byThread = new Map<number, LookedUp>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The thread is told now what its look-up found. Threads of other name spaces are all called 0: none of them counts. */
  lookedUp({ pid }: Caller, node: NodeId): void {
    if (pid === 0) return;
    this.#byThread.delete(pid);
    this.#byThread.set(pid, { node, atMs: this.#clock.monotonic(), isStatOpen: true });
    if (this.#byThread.size <= MOST_THREADS) return;
    for (const oldest of this.#byThread.keys()) {
      this.#byThread.delete(oldest);
      return;
    }
  }

  /** Once after a look-up: the call may go on with `opens`. */
  stats(caller: Caller, node: NodeId): boolean {
    const found = this.#find(caller, node);
    if (!found?.isStatOpen) return false;
    found.isStatOpen = false;
    return true;
  }

  /** Once after a look-up; nothing of the call comes after it. */
  opens(caller: Caller, node: NodeId): boolean {
    const found = this.#find(caller, node);
    this.#byThread.delete(caller.pid);
    return found !== undefined;
  }

  #find({ pid }: Caller, node: NodeId): LookedUp | undefined {
    const found = this.#byThread.get(pid);
    const isIt = found?.node === node && this.#clock.monotonic() - found.atMs <= SAME_CALL_MS;
    if (!isIt) this.#byThread.delete(pid);
    return isIt ? found : undefined;
  }
}
