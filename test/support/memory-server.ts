/**
 * The state behind `MemoryDrive`: a small tree of items with versions and a change log, the way a server would keep
 * it. Its methods are what *another client* does to it: they take effect at once, without latency and faults.
 */
import {
  type Change,
  DriveError,
  type DriveItem,
  type DrivePath,
  type ItemId,
} from '../../src/drive/index.js';

export interface MemoryNode {
  readonly id: ItemId;
  path: DrivePath;
  kind: 'file' | 'folder';
  content: Uint8Array;
  modifiedMs: number;
  readonly createdMs: number;
  revision: number;
}

export interface MemoryServerOptions {
  readonly now?: () => number;
  readonly caseInsensitive?: boolean;
  readonly totalBytes?: number;
  /** Ids live as long as the item; else they are made of the path, as on a generic WebDAV server. */
  readonly stableIds?: boolean;
  /** What the server does with new content before it stores it (Office rewriting). */
  readonly rewrite?: (path: DrivePath, content: Uint8Array) => Uint8Array;
}

export class MemoryServer {
  readonly #nodes = new Map<string, MemoryNode>();
  readonly #children = new Map<string, Map<string, MemoryNode>>();
  readonly #options: MemoryServerOptions;
  /** Everything that ever changed, oldest first; a token is an index into it. */
  readonly log: Change[] = [];
  /** Tokens below this are lost. */
  oldestToken = 0;
  #lastId = 0;

  constructor(options: MemoryServerOptions = {}) {
    this.#options = options;
    this.#insert('/', 'folder', new Uint8Array());
  }

  get usedBytes(): number {
    let total = 0;
    for (const node of this.#nodes.values()) total += node.content.length;
    return total;
  }

  get totalBytes(): number {
    return this.#options.totalBytes ?? 2 ** 40;
  }

  get caseInsensitive(): boolean {
    return this.#options.caseInsensitive ?? true;
  }

  find(path: DrivePath): MemoryNode | undefined {
    return this.#nodes.get(this.#key(path));
  }

  children(path: DrivePath): MemoryNode[] {
    return [...(this.#children.get(this.#key(path))?.values() ?? [])];
  }

  all(): MemoryNode[] {
    return [...this.#nodes.values()];
  }

  /** The content at `path` as text, for assertions. */
  text(path: DrivePath): string {
    return Buffer.from(this.#existing(path).content).toString('utf8');
  }

  item(node: MemoryNode): DriveItem {
    return {
      id: this.#options.stableIds === false ? `path:${node.path}` : node.id,
      name: nameOf(node.path),
      kind: node.kind,
      size: node.content.length,
      modifiedMs: Math.floor(node.modifiedMs / 1000) * 1000,
      createdMs: Math.floor(node.createdMs / 1000) * 1000,
      version: `"{${node.id.toUpperCase()}},${node.revision}"`,
    };
  }

  write(path: DrivePath, content: Uint8Array | string, modifiedMs = this.#now()): MemoryNode {
    const given = typeof content === 'string' ? Buffer.from(content) : content;
    const bytes = this.#options.rewrite?.(path, given) ?? given;
    const present = this.find(path);
    if (present?.kind === 'folder') throw new DriveError('exists', `${path} is a folder`);
    if (this.usedBytes - (present?.content.length ?? 0) + bytes.length > this.totalBytes) {
      throw new DriveError('full', 'the drive is full');
    }
    if (present === undefined) return this.#insert(path, 'file', bytes, modifiedMs);
    present.content = bytes;
    present.modifiedMs = modifiedMs;
    this.#touch(present);
    return present;
  }

  makeFolder(path: DrivePath): MemoryNode {
    if (this.find(path) !== undefined) throw new DriveError('exists', `${path} exists already`);
    return this.#insert(path, 'folder', new Uint8Array());
  }

  setModified(path: DrivePath, modifiedMs: number): MemoryNode {
    const node = this.#existing(path);
    node.modifiedMs = modifiedMs;
    this.#touch(node);
    return node;
  }

  /** `_meant`: what whoever asked for it took it for. */
  remove(path: DrivePath, _meant?: MemoryNode['kind']): void {
    const node = this.#existing(path);
    for (const child of this.children(path)) this.remove(child.path);
    this.#nodes.delete(this.#key(path));
    this.#children.delete(this.#key(path));
    this.#children.get(this.#key(parentOf(path)))?.delete(this.#key(path));
    this.log.push({ kind: 'removed', id: this.item(node).id, by: 'the log' });
  }

  move(from: DrivePath, to: DrivePath): MemoryNode {
    const node = this.#existing(from);
    this.#folder(parentOf(to));
    if (`${this.#key(to)}/`.startsWith(`${this.#key(from)}/`) && this.#key(to) !== this.#key(from))
      throw new DriveError('denied', 'a folder cannot be moved into itself');
    const target = this.find(to);
    if (target !== undefined && target !== node) this.remove(to);
    this.#relocate(node, to);
    node.revision += 1;
    this.log.push({ kind: 'put', placed: { path: node.path, item: this.item(node) } });
    return node;
  }

  /**
   * Out of the drive with all that is below: into the recycle bin, or another library. The log tells of the top alone.
   */
  takeAway(path: DrivePath): MemoryNode[] {
    const top = this.#existing(path);
    const taken = this.all().filter((node) => `${node.path}/`.startsWith(`${top.path}/`));
    const logged = this.log.length;
    this.remove(path);
    this.log.length = logged;
    this.log.push({ kind: 'removed', id: this.item(top).id, by: 'the log' });
    return taken;
  }

  /** What was taken away is back, the same items, at `path`. The log tells of the top alone. */
  bringBack(taken: readonly MemoryNode[], path: DrivePath): void {
    const from = taken[0]!.path;
    if (this.find(path) !== undefined) throw new DriveError('exists', `${path} exists already`);
    this.#folder(parentOf(path));
    for (const node of taken) {
      node.path = path + node.path.slice(from.length);
      this.#register(node);
    }
    this.#touch(taken[0]!);
  }

  /** From now on all tokens given so far are lost. */
  loseTokens(): void {
    this.oldestToken = this.log.length + 1;
    this.log.push({ kind: 'removed', id: 'nobody', by: 'the log' });
  }

  #relocate(node: MemoryNode, to: DrivePath): void {
    const children = this.children(node.path);
    this.#nodes.delete(this.#key(node.path));
    this.#children.get(this.#key(parentOf(node.path)))?.delete(this.#key(node.path));
    this.#children.delete(this.#key(node.path));
    const from = node.path;
    node.path = to;
    this.#register(node);
    for (const child of children) this.#relocate(child, to + child.path.slice(from.length));
  }

  #insert(
    path: DrivePath,
    kind: 'file' | 'folder',
    content: Uint8Array,
    modifiedMs = this.#now(),
  ): MemoryNode {
    if (path !== '/') this.#folder(parentOf(path));
    const now = this.#now();
    const node: MemoryNode = {
      id: this.#nextId(),
      path,
      kind,
      content,
      modifiedMs,
      createdMs: now,
      revision: 1,
    };
    this.#register(node);
    if (path !== '/') this.log.push({ kind: 'put', placed: { path, item: this.item(node) } });
    return node;
  }

  #register(node: MemoryNode): void {
    this.#nodes.set(this.#key(node.path), node);
    if (node.kind === 'folder') this.#children.set(this.#key(node.path), new Map());
    if (node.path !== '/')
      this.#children.get(this.#key(parentOf(node.path)))?.set(this.#key(node.path), node);
  }

  #touch(node: MemoryNode): void {
    node.revision += 1;
    this.log.push({ kind: 'put', placed: { path: node.path, item: this.item(node) } });
  }

  #folder(path: DrivePath): MemoryNode {
    const node = this.#existing(path);
    if (node.kind !== 'folder') throw new DriveError('absent', `${path} is not a folder`);
    return node;
  }

  #existing(path: DrivePath): MemoryNode {
    const node = this.find(path);
    if (node === undefined) throw new DriveError('absent', `${path} is not there`);
    return node;
  }

  #key(path: DrivePath): string {
    return this.caseInsensitive ? path.toLowerCase() : path;
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #nextId(): ItemId {
    this.#lastId += 1;
    return `00000000-0000-4000-8000-${this.#lastId.toString(16).padStart(12, '0')}`;
  }
}

export function parentOf(path: DrivePath): DrivePath {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function nameOf(path: DrivePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
