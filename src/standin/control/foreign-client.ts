/**
 * Somebody else at the same drive: edits that do not come over the wire. Paths are below the library, `a/b.txt`.
 * Missing parents are made. Locks and conditions do not stop this client; name rules do.
 */
import { Library } from '../library.js';
import { Refusal } from '../refusal.js';
import type { Site } from '../sites.js';
import { type Content, MemoryContent, PatternContent } from '../store/content.js';
import { extraOf, type FileItem, type FolderItem, type Item } from '../store/item.js';
import type { Times } from '../store/new-item.js';
import type { World } from '../world.js';

/** Bytes of a file: text, bytes, or so many made up from a seed. */
export type Bytes = string | Uint8Array | { readonly pattern: number; readonly size: number };

/** A drive to fill: `folders` folders with `filesPerFolder` files of `size` made-up bytes in each. */
export interface ManyItems {
  readonly under?: string;
  readonly folders: number;
  readonly filesPerFolder: number;
  readonly size: number;
}

const MANY_AT_ONCE = 5_000;

export class ForeignClient {
  readonly #world: World;
  readonly #site: Site;
  readonly #library: Library;

  constructor(world: World, site: Site) {
    this.#world = world;
    this.#site = site;
    this.#library = new Library(world, site);
  }

  /** Creates or replaces a file. */
  write(path: string, bytes: Bytes, times: Times = {}): FileItem {
    const names = namesOf(path);
    this.makeFolder(names.slice(0, -1).join('/'));
    const lockTokens = this.#tokensOn(names);
    const { file } = this.#library.putFile(names, contentOf(bytes), { lockTokens });
    if (times.createdMs !== undefined || times.modifiedMs !== undefined)
      this.#site.store.touch(file, times, false);
    return file;
  }

  /** Makes the folder and its parents, where they are missing. */
  makeFolder(path: string): FolderItem {
    let folder = this.#site.store.root;
    const names = namesOf(path);
    for (const [at, name] of names.entries()) {
      const existing = this.#site.store.child(folder, name);
      if (existing?.kind === 'file') throw new Refusal('not-folder', `${path} leads through a file`);
      folder = existing ?? this.#library.makeFolder(names.slice(0, at + 1));
    }
    return folder;
  }

  remove(path: string): void {
    this.#site.store.remove(this.item(path), 'recycle');
  }

  /** Replaces what is at the target. */
  move(from: string, to: string): void {
    const names = namesOf(to);
    this.makeFolder(names.slice(0, -1).join('/'));
    this.#library.move(this.item(from), names, {
      overwrite: true,
      lockTokens: this.#tokensOn(namesOf(from)),
    });
  }

  setTimes(path: string, times: Times): void {
    this.#site.store.touch(this.item(path), times);
  }

  /** The whole content. */
  async read(path: string): Promise<Buffer> {
    const item = this.item(path);
    if (item.kind === 'folder') throw new Refusal('is-folder', `${path} is a folder`);
    const pieces: Uint8Array[] = [];
    for await (const bytes of item.content.read(0, item.content.size)) pieces.push(bytes);
    return Buffer.concat(pieces);
  }

  /** Throws `Refusal` of kind `absent`. */
  item(path: string): Item {
    return this.#library.get(namesOf(path));
  }

  get usage(): { readonly usedBytes: number; readonly itemCount: number } {
    const { usedBytes, itemCount } = this.#site.store;
    return { usedBytes, itemCount };
  }

  has(path: string): boolean {
    return this.#site.store.find(namesOf(path)) !== undefined;
  }

  /** "Add shortcut to OneDrive", as a user's browser does it; the library's rows tell what it is. */
  shortcut(path: string, targetUrl: string): void {
    const { shortcutForm } = this.#world.switches;
    const item =
      shortcutForm === 'folder'
        ? this.makeFolder(path)
        : this.write(path, `[InternetShortcut]\r\nURL=${targetUrl}\r\n`);
    extraOf(item).shortcutUrl = targetUrl;
  }

  /** Brings a removed item back, by its id. */
  restore(id: string): boolean {
    return this.#site.store.restore(id) !== null;
  }

  /** Locks a file as a co-author would, for `seconds` by the stand-in's clock. */
  lock(path: string, seconds: number, holder = 'co-author'): void {
    const nowMs = this.#world.clock.now();
    const token = `opaquelocktoken:{${this.#world.random.guid().toUpperCase()}}`;
    const expiresMs = nowMs + seconds * 1000;
    this.#site.store.locks.put(this.item(path).number, {
      token,
      holder,
      ownerXml: holder,
      seconds,
      expiresMs,
    });
  }

  unlock(path: string): void {
    this.#site.store.locks.remove(this.item(path).number);
  }

  /** Removes everything. */
  clear(): void {
    this.#site.store.clear();
  }

  /** Fills the drive quickly; a million items are fine. */
  async fill(many: ManyItems): Promise<void> {
    const top = this.makeFolder(many.under ?? '');
    const { store } = this.#site;
    let made = 0;
    for (let folderAt = 0; folderAt < many.folders; folderAt++) {
      store.together(() => {
        const folder = store.createFolder(top, `folder-${String(folderAt).padStart(6, '0')}`);
        for (let at = 0; at < many.filesPerFolder; at++) {
          const content = new PatternContent(folderAt * many.filesPerFolder + at, many.size);
          store.createFile(folder, `file-${String(at).padStart(6, '0')}.bin`, content);
        }
      });
      made += many.filesPerFolder + 1;
      if (made < MANY_AT_ONCE) continue;
      made = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #tokensOn(names: readonly string[]): string[] {
    const item = this.#site.store.find(names);
    const lock = item && this.#site.store.locks.on(item.number, 0);
    return lock === undefined ? [] : [lock.token];
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function contentOf(bytes: Bytes): Content {
  if (typeof bytes === 'string') return new MemoryContent(Buffer.from(bytes));
  if (bytes instanceof Uint8Array) return new MemoryContent(Uint8Array.from(bytes));
  return new PatternContent(bytes.pattern, bytes.size);
}
