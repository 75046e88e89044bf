/** `AccountRuntime` on the real parts: each question goes to the part that knows. */
import type { Metrics, TaskGroup } from '../base/index.js';
import type { OpenContentCache, OpenRemoteTree } from '../cache/index.js';
import type { FileSystem } from '../fs/index.js';
import { SignInError } from '../sharepoint/index.js';
import {
  type Ino,
  type JournalledSpool,
  type OwedNode,
  reasonOf,
  refusedBefore,
  waitsForSomebody,
} from '../spool/index.js';
import type { AccountRuntime, Outlook } from './account-runtime.js';
import type { AccountSignIn } from './account-sign-in.js';
import type { AccountConfig } from './config.js';
import { Failure } from './failure.js';
import { LocatedNodes } from './located-nodes.js';
import type { MountHandle } from './mount-handle.js';
import type { NetworkView } from './network-view.js';
import { refusalLine } from './refusal-line.js';
import { type AccountStatus, type AuthStatus, isoTime, type UploadStatus } from './status.js';

export interface RunningParts {
  readonly account: AccountConfig;
  readonly mountpoint: string;
  readonly session: AccountSignIn;
  readonly network: NetworkView;
  readonly tree: OpenRemoteTree;
  readonly content: OpenContentCache;
  readonly spool: JournalledSpool;
  readonly fs: FileSystem;
  readonly mount: MountHandle;
  readonly metrics: Metrics;
  readonly tasks: TaskGroup;
  /** Closes everything in its order. */
  readonly close: () => Promise<void>;
}

export class RunningAccount implements AccountRuntime {
  readonly #parts: RunningParts;
  readonly #nodes: LocatedNodes;
  #isMounted = true;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#nodes = new LocatedNodes(parts.fs, parts.mountpoint);
    void this.unmounted.then(() => {
      this.#isMounted = false;
    });
  }

  get account(): string {
    return this.#parts.account.name;
  }

  get mountpoint(): string {
    return this.#parts.mountpoint;
  }

  get unmounted(): Promise<void> {
    return this.#parts.mount.ended;
  }

  status(): AccountStatus {
    const { account, network, tree, content, metrics, fs } = this.#parts;
    const { items, complete, changedAtMs, hitRatio } = tree.statistics;
    return {
      name: account.name,
      site: account.site,
      mountpoint: this.#isMounted ? this.mountpoint : null,
      pid: process.pid,
      auth: this.auth(),
      network: network.status(),
      uploads: { ...this.uploads(), ...this.#obstacle() },
      tree: { items, complete, changedAt: isoTime(changedAtMs), hitRatio },
      cache: { ...content.statistics },
      requests: {
        total: metrics.get('requests.total'),
        retried: metrics.get('requests.retried'),
        throttled: metrics.get('requests.throttled'),
        failed: metrics.get('requests.failed'),
      },
      quota: fs.quota.quota,
    };
  }

  /** What somebody has to do something about, of the first that waits for it. */
  #obstacle(): { readonly obstacle?: string } {
    for (const { state } of this.#parts.spool.all()) {
      const reason = waitsForSomebody(state) ? reasonOf(state) : null;
      if (reason !== null) return { obstacle: reason };
    }
    return {};
  }

  uploads(): UploadStatus {
    const { owed, active, bytesOwed, refused, conflicts } = this.#parts.spool.statistics;
    return { owed, active, bytesOwed, refused, conflicts };
  }

  auth(): AuthStatus {
    return this.#parts.session.status();
  }

  onAuthChange(listener: (auth: AuthStatus) => void): void {
    this.#parts.session.subscribe(listener);
  }

  async settled(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const inos = await this.#inosOf(paths, signal);
    await this.#parts.spool.settled(inos, signal);
  }

  async outlook(paths: readonly string[]): Promise<Outlook> {
    const { spool } = this.#parts;
    const below = await this.#inosOf(paths, this.#parts.tasks.signal);
    let waiting = 0;
    const refusals = new Set<string>();
    for (const node of spool.all()) {
      if (node.state.kind === 'staged') continue;
      if (below !== 'all' && !below.some((ino) => this.#isWithin(node, ino))) continue;
      const refused = refusedBefore(spool, node);
      if (refused?.state.kind === 'refused')
        refusals.add(refusalLine(this.#pathOf(refused.ino, refused.item), refused.state.reason));
      else waiting += 1;
    }
    return { waiting, refusals: [...refusals] };
  }

  hurry(): void {
    this.#parts.spool.hurry();
  }

  async pin(paths: readonly string[], pinned: boolean): Promise<void> {
    const { spool, content, tasks } = this.#parts;
    await this.#eachBelow(paths, tasks.signal, ({ ino, item, kind }) => {
      spool.setPinned(ino, item, pinned);
      if (kind === 'file' && item !== null) content.setPinned(item, pinned);
    });
  }

  async evict(paths: readonly string[]): Promise<void> {
    const { content, spool, tasks } = this.#parts;
    await this.#eachBelow(paths, tasks.signal, ({ ino, item, kind }) => {
      if (kind === 'file' && item !== null && spool.owed(ino) === undefined) content.evict(item);
    });
  }

  async reloadSignIn(): Promise<void> {
    await this.#parts.session.reload();
  }

  resumed(): void {
    this.#parts.network.resumed();
    void this.#parts.session.reload();
    this.#parts.tree.noteUse();
  }

  async cookies(signal: AbortSignal): Promise<string> {
    try {
      return await this.#parts.session.freshCookieLine(signal);
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      const kind =
        error.kind === 'unreachable' ? 'unreachable' : error.kind === 'unavailable' ? 'failed' : 'sign-in';
      throw new Failure(kind, error.message, { cause: error });
    }
  }

  unmount(): Promise<boolean> {
    return this.#parts.mount.unmount();
  }

  unmountLazily(): Promise<void> {
    return this.#parts.mount.unmountLazily();
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  async #inosOf(paths: readonly string[], signal: AbortSignal): Promise<readonly Ino[] | 'all'> {
    if (paths.length === 0) return 'all';
    const nodes = await Promise.all(paths.map((path) => this.#nodes.at(path, signal)));
    return nodes.map(({ ino }) => ino);
  }

  async #eachBelow(
    paths: readonly string[],
    signal: AbortSignal,
    act: (node: Awaited<ReturnType<LocatedNodes['at']>>) => void,
  ): Promise<void> {
    for (const path of paths) {
      for await (const node of this.#nodes.below(await this.#nodes.at(path, signal), signal)) act(node);
    }
  }

  /** What has lost its folder lies below nothing. */
  #isWithin({ ino, item }: OwedNode, ancestor: Ino): boolean {
    try {
      return this.#parts.fs.namespace.isWithin({ ino, item }, ancestor);
    } catch {
      return false;
    }
  }

  #pathOf(ino: Ino, item: string | null): string {
    const { fs, mountpoint } = this.#parts;
    try {
      const place = fs.namespace.placeOf({ ino, item });
      return place === null ? mountpoint : `${mountpoint}${fs.namespace.pathOf(place.in, place.name)}`;
    } catch {
      return `item ${item ?? ino}`;
    }
  }
}
