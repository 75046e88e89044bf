/**
 * From the paths that `fuse-native` speaks to the nodes that the file system speaks. Each operation looks its path up
 * from the root and forgets it afterwards, so look-up counts stay exact and nothing is remembered here.
 */
import {
  type Entry,
  type FileSystemPort,
  FsError,
  type NodeId,
  type Reply,
  type Request,
  ROOT_NODE,
} from '../../fs/index.js';

/** `fuse-native` does not say who asks. */
export const CALLER = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, pid: 0 } as const;
const DEADLINE_MS = 120_000;

export interface Place {
  readonly parent: NodeId;
  readonly name: string;
}

export class PathWalker {
  readonly #fileSystem: FileSystemPort;
  /** One for each look-up that outlives its operation. */
  readonly #kept: NodeId[] = [];

  constructor(fileSystem: FileSystemPort) {
    this.#fileSystem = fileSystem;
  }

  /** Throws the `FsError` that the file system answers. */
  async ask<Wanted extends Reply>(request: Request): Promise<Wanted> {
    const context = new LazyDeadline();
    const reply = await this.#fileSystem.handle(request, context);
    if (reply instanceof FsError) throw reply;
    return reply as Wanted;
  }

  /** Runs `work` on the node at `path`, which is known to the file system meanwhile. */
  async at<Result>(path: string, work: (node: NodeId) => Promise<Result>): Promise<Result> {
    const known: NodeId[] = [];
    try {
      let node = ROOT_NODE;
      for (const name of namesOf(path)) {
        node = await this.#step(node, name);
        known.push(node);
      }
      return await work(node);
    } finally {
      for (const node of known) {
        const kept = this.#kept.indexOf(node);
        if (kept >= 0) this.#kept.splice(kept, 1);
        else this.#fileSystem.forget(node, 1);
      }
    }
  }

  /** Inside `at`: the look-up of its node outlives it; whoever keeps it forgets it. */
  keep(node: NodeId): void {
    if (node !== ROOT_NODE) this.#kept.push(node);
  }

  /** Runs `work` on where `path` is or would be. */
  in<Result>(path: string, work: (place: Place) => Promise<Result>): Promise<Result> {
    const slash = path.lastIndexOf('/');
    return this.at(path.slice(0, slash), (parent) => work({ parent, name: path.slice(slash + 1) }));
  }

  /** The kernel will not count this look-up: it does not exist for `fuse-native`. */
  forget(entry: Entry): void {
    this.#fileSystem.forget(entry.node, 1);
  }

  async #step(parent: NodeId, name: string): Promise<NodeId> {
    const found = await this.ask<Entry>({ operation: 'lookup', caller: CALLER, parent, name });
    if ((found.node as number) === 0) throw new FsError('ENOENT');
    return found.node;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** No interrupts reach us; only the deadline calls a request off. */
class LazyDeadline {
  #signal: AbortSignal | null = null;

  get signal(): AbortSignal {
    if (this.#signal === null) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new FsError('ETIMEDOUT')), DEADLINE_MS).unref();
      this.#signal = controller.signal;
    }
    return this.#signal;
  }
}
