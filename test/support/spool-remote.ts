/** What is remembered of a `MemoryServer`, as the cache would: only what was told or asked, until it is asked again. */
import type { DriveItem, DrivePath, ItemId } from '../../src/drive/index.js';
import type { RemotePlaces, RemoteView, SpoolEvent } from '../../src/spool/index.js';
import { type MemoryServer, parentOf } from './memory-server.js';

interface Known {
  item: DriveItem;
  parent: ItemId;
}

export class RememberedTree implements RemoteView {
  readonly #server: MemoryServer;
  readonly #known = new Map<ItemId, Known>();
  readonly root: ItemId;
  isBeingRead = false;
  /** How often it was asked what changed on the server. */
  questions = 0;
  /** Of each move that is over whether it was told to be refused. */
  readonly movesRefused: boolean[] = [];

  constructor(server: MemoryServer) {
    this.#server = server;
    this.root = server.item(server.find('/')!).id;
    this.learnAll();
  }

  /** As if the change log had been read to its end. */
  learnAll(): void {
    this.#known.clear();
    for (const node of this.#server.all()) {
      if (node.path === '/') continue;
      const parent = this.#server.item(this.#server.find(parentOf(node.path))!).id;
      this.learn(parent, this.#server.item(node));
    }
  }

  /** As if the cache had been thrown away. */
  forgetAll(): void {
    this.#known.clear();
  }

  learn(parent: ItemId, item: DriveItem): void {
    this.#known.set(item.id, { item, parent });
  }

  unlearn(item: ItemId): void {
    this.#known.delete(item);
  }

  expect(): (isRefused?: boolean) => void {
    return (isRefused = false) => this.movesRefused.push(isRefused);
  }

  unmoved(): void {}

  peek(item: ItemId): DriveItem | undefined {
    return this.#known.get(item)?.item;
  }

  named(folder: ItemId, name: string): DriveItem | undefined {
    return this.childrenOf(folder).find((item) => item.name === name);
  }

  parentOf(item: ItemId): ItemId | undefined {
    return this.#known.get(item)?.parent;
  }

  pathOf(item: ItemId): DrivePath | undefined {
    if (item === this.root) return '/';
    const known = this.#known.get(item);
    const folder = known && this.pathOf(known.parent);
    if (known === undefined || folder === undefined) return undefined;
    return folder === '/' ? `/${known.item.name}` : `${folder}/${known.item.name}`;
  }

  ids(): Iterable<ItemId> {
    return this.#known.keys();
  }

  childrenOf(folder: ItemId): DriveItem[] {
    return [...this.#known.values()].filter(({ parent }) => parent === folder).map(({ item }) => item);
  }

  async children(folder: ItemId) {
    const items = this.childrenOf(folder);
    return { next: (most: number) => items.splice(0, most), close: () => undefined };
  }

  async catchUp(): Promise<boolean> {
    this.questions += 1;
    this.learnAll();
    return true;
  }

  async refresh(item: ItemId): Promise<DriveItem | null> {
    if (item !== this.root && !this.#known.has(item)) return null;
    const node = this.#server.all().find((one) => this.#server.item(one).id === item);
    if (node === undefined) {
      this.unlearn(item);
      return null;
    }
    this.learnWithFolders(node.path);
    return this.#server.item(node);
  }

  private learnWithFolders(path: DrivePath): void {
    if (path === '/') return;
    const folder = parentOf(path);
    this.learnWithFolders(folder);
    this.learn(this.#server.item(this.#server.find(folder)!).id, this.#server.item(this.#server.find(path)!));
  }
}

/** `RemotePlaces` that keeps a `RememberedTree` in step, as the file system does. */
export class RememberingPlaces implements RemotePlaces {
  readonly tree: RememberedTree;
  readonly stores: Extract<SpoolEvent, { kind: 'stored' }>[] = [];
  readonly removals: ItemId[] = [];
  /** Finds the item of a folder: given by the spool once it is open. */
  itemOf: (ino: number) => ItemId | undefined = () => undefined;

  /** What was read of the server is not kept. */
  readonly content: RemotePlaces['content'] = {
    isComplete: () => false,
    open: (item) => {
      throw new Error(`nothing is here of ${item}`);
    },
  };

  constructor(tree: RememberedTree) {
    this.tree = tree;
  }

  async stored(event: Extract<SpoolEvent, { kind: 'stored' }>): Promise<void> {
    this.stores.push(event);
    const parent = this.itemOf(event.parent);
    if (parent === undefined)
      throw new Error(`the folder ${event.parent} of ${event.item.name} is not known`);
    this.tree.learn(parent, event.item);
  }

  async removed({ item }: Extract<SpoolEvent, { kind: 'removed' }>): Promise<void> {
    this.removals.push(item);
    this.tree.unlearn(item);
  }
}
