/**
 * The application of a soak, in a process of its own: does the same random operations to a folder of the mount and to a
 * local mirror, and compares. It is told by its parent when; whatever differs ends it with an error.
 */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { perform, type SoakOperation, SoakOperations } from './soak-operations.js';
import { differences, type SoakTree, treeOf } from './soak-tree.js';

export type SoakOrder =
  | { readonly kind: 'work'; readonly operations: number }
  /** Nothing is interrupted: mount and mirror are the same. `afterKill`: but for the operation that was under way. */
  | { readonly kind: 'compare'; readonly afterKill: boolean }
  /** What it did last, for whoever has to understand a failure. */
  | { readonly kind: 'tell' };

export type SoakReport =
  | { readonly kind: 'worked'; readonly operations: number; readonly interrupted: boolean }
  | { readonly kind: 'same'; readonly entries: number }
  | { readonly kind: 'told'; readonly last: readonly string[] }
  | { readonly kind: 'wrong'; readonly what: string };

/** What calls say once the daemon is gone. */
const GONE = new Set(['ENOTCONN', 'ECONNABORTED']);
const LAST_SHOWN = 40;
const LAST_TOLD = 400;

class Worker {
  readonly #mount: string;
  readonly #mirror: string;
  readonly #random: SoakOperations;
  readonly #history: string[] = [];
  #interrupted: SoakOperation | null = null;

  constructor(mount: string, mirror: string, seed: number) {
    this.#mount = mount;
    this.#mirror = mirror;
    this.#random = new SoakOperations(seed);
  }

  obey(order: SoakOrder): SoakReport {
    if (order.kind === 'tell') return { kind: 'told', last: this.#history.slice(-LAST_TOLD) };
    try {
      return order.kind === 'work' ? this.#work(order.operations) : this.#compare(order.afterKill);
    } catch (error) {
      const history = this.#history.slice(-LAST_SHOWN).join('\n');
      return { kind: 'wrong', what: `${error instanceof Error ? error.message : error}\n${history}` };
    }
  }

  #work(count: number): SoakReport {
    for (let done = 0; done < count; done += 1) {
      const operation = this.#random.next();
      this.#history.push(JSON.stringify(operation));
      const ours = outcome(this.#mount, operation);
      if (this.#isGone(ours)) {
        this.#interrupted = operation;
        return { kind: 'worked', operations: done, interrupted: true };
      }
      const theirs = outcome(this.#mirror, operation);
      if (ours !== theirs)
        throw new Error(`${JSON.stringify(operation)}: ${shown(ours)} and not ${shown(theirs)}`);
    }
    return { kind: 'worked', operations: count, interrupted: false };
  }

  /**
   * The call that was under way when the daemon was killed may say anything. Who is gone is seen by a `statfs`: that one
   * the kernel never answers out of its caches, and `stat` it does for as long as the attributes are good.
   */
  #isGone(ours: string): boolean {
    if (!/^E[A-Z]+$/.test(ours)) return false;
    try {
      statfsSync(this.#mount);
      return false;
    } catch (error) {
      return GONE.has(String((error as { code?: unknown }).code));
    }
  }

  #compare(afterKill: boolean): SoakReport {
    const operation = this.#interrupted;
    this.#interrupted = null;
    const here = treeOf(this.#mount);
    const wrong = differences(here, treeOf(this.#mirror));
    if (wrong.length > 0 && afterKill && operation !== null) return this.#compareInterrupted(here, operation);
    if (wrong.length > 0) throw new Error(`not the same:\n${wrong.join('\n')}`);
    return { kind: 'same', entries: here.size };
  }

  /** It was done, or, when it was a write, some of it was: then both go on from that. */
  #compareInterrupted(here: SoakTree, operation: SoakOperation): SoakReport {
    const isDone = outcome(this.#mirror, operation) === 'done';
    const wrong = differences(here, treeOf(this.#mirror));
    const isWrite = ['save', 'patch', 'append'].includes(operation.kind);
    const written = isDone && isWrite ? fileAt(this.#mirror, operation.path) : null;
    if (!wrong.every((line) => written !== null && line.startsWith(`${written}: `)))
      throw new Error(`not the same after ${JSON.stringify(operation)} was cut off:\n${wrong.join('\n')}`);
    if (wrong.length > 0) {
      const mirror = join(this.#mirror, written!);
      rmSync(mirror, { force: true });
      if (here.has(written!)) copyFileSync(join(this.#mount, written!), mirror);
      if (here.has(written!)) chmodSync(mirror, statSync(join(this.#mount, written!)).mode);
    }
    return { kind: 'same', entries: here.size };
  }
}

/** Where a write to `path` goes, symbolic links followed. The file need not be there; the folder is. */
export function fileAt(root: string, path: string): string {
  const at = join(realpathSync(join(root, dirname(path))), basename(path));
  const within = relative(realpathSync(root), at);
  const isLink = lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? fileAt(root, join(dirname(within), readlinkSync(at))) : within;
}

function outcome(root: string, operation: SoakOperation): string {
  try {
    return perform(root, operation);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string') throw error;
    return code;
  }
}

function shown(result: string): string {
  return result.length > 20 ? `${result.length} bytes` : result;
}

const [mount, mirror, seed] = process.argv.slice(2);
if (process.send !== undefined && mount !== undefined && mirror !== undefined) {
  const worker = new Worker(mount, mirror, Number(seed));
  process.on('message', (order: SoakOrder) => process.send!(worker.obey(order)));
}
