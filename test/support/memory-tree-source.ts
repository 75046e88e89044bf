/** The tree and the change log of a `MemoryServer`, in pages. */
import {
  type Change,
  type ChangePage,
  ChangeTokenLost,
  type ItemId,
  type RequestOptions,
  type SnapshotPage,
  type TreeSource,
} from '../../src/drive/index.js';
import type { MemoryServer } from './memory-server.js';

type TreeCallName = 'currentToken' | 'snapshot' | 'changes';
type Caller = <Answer>(name: TreeCallName, signal: AbortSignal, answer: () => Answer) => Promise<Answer>;

export class MemoryTreeSource implements TreeSource {
  /** Items per snapshot page and changes per page; tests make it small. */
  pageSize = 100;
  /** Snapshots do not tell which versions items have. */
  tellsVersions = true;
  /** Where these are is not told. */
  readonly unplaced = new Set<ItemId>();
  readonly #server: MemoryServer;
  readonly #call: Caller;

  constructor(server: MemoryServer, call: Caller) {
    this.#server = server;
    this.#call = call;
  }

  currentToken({ signal }: RequestOptions): Promise<string> {
    return this.#call('currentToken', signal, () => String(this.#server.log.length));
  }

  /** After the last id of the page before, as a list's pages are: what is removed or moved meanwhile shifts nothing. */
  snapshot(cursor: string | null, { signal }: RequestOptions): Promise<SnapshotPage> {
    return this.#call('snapshot', signal, () => {
      const left = this.#server.all().filter(({ id, path }) => path !== '/' && id > (cursor ?? ''));
      left.sort((one, other) => (one.id < other.id ? -1 : 1));
      const page = left.slice(0, this.pageSize);
      const all = page.map((node) => ({ path: node.path, item: this.#server.item(node) }));
      const placed = all.filter(({ item: { id } }) => !this.unplaced.has(id));
      const unversioned = placed.map(({ path, item: { version: _, ...item } }) => ({ path, item }));
      return {
        ...(this.tellsVersions ? { items: placed, unversioned: [] } : { items: [], unversioned }),
        unplaced: all.map(({ item: { id } }) => id).filter((id) => this.unplaced.has(id)),
        next: page.length < left.length ? page.at(-1)!.id : null,
      };
    });
  }

  changes(since: string, { signal }: RequestOptions): Promise<ChangePage> {
    return this.#call('changes', signal, () => {
      const start = Number(since);
      if (start < this.#server.oldestToken) throw new ChangeTokenLost('the change token is too old');
      const entries = this.#server.log.slice(start, start + this.pageSize);
      const end = start + entries.length;
      return {
        changes: this.#asTheyAreNow(entries),
        token: String(end),
        more: end < this.#server.log.length,
      };
    });
  }

  /**
   * A change log tells which items changed and shows them as they are now (protocol notes 3.4), not as they were: what is
   * not there any more is gone, whatever happened to it before.
   */
  #asTheyAreNow(entries: readonly Change[]): Change[] {
    const nodes = new Map(this.#server.all().map((node) => [node.id, node]));
    return entries.map((entry): Change => {
      const id = entry.kind === 'put' ? entry.placed.item.id : (entry.id ?? '');
      const node = nodes.get(id);
      if (node === undefined) {
        return { kind: 'removed', id, by: entry.kind === 'removed' ? 'the log' : 'its absence' };
      }
      if (this.unplaced.has(id)) return { kind: 'unplaced', id };
      return { kind: 'put', placed: { path: node.path, item: this.#server.item(node) } };
    });
  }
}
