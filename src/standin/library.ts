/**
 * What may be done to a library, whatever protocol asks for it: name rules, collisions, locks, quota, conditions. All
 * of it throws `Refusal`. Reading through a lagging front end is `read-view.ts`'s part.
 */
import { etagText } from './etag.js';
import { Refusal } from './refusal.js';
import { libraryPath, type Site } from './sites.js';
import type { Content } from './store/content.js';
import { TailedContent } from './store/content.js';
import { descend, extraOf, type FileItem, type FolderItem, type Item } from './store/item.js';
import { nameFault, PATH_LIMIT } from './store/names.js';
import type { Times } from './store/new-item.js';
import type { World } from './world.js';

/** What the caller asks for beside the change itself. */
export interface WriteTerms {
  /** Lock tokens that the client showed. */
  readonly lockTokens?: readonly string[];
  /** Who writes content: one's own lock needs no token then (protocol notes 2.4). */
  readonly writer?: string;
  /** Replace what is at the target. */
  readonly overwrite?: boolean;
  /** The version that must be there: an ETag, `*` for any. */
  readonly ifMatch?: string;
  /** Nothing may be there. */
  readonly ifNoneMatch?: boolean;
}

const REWRITTEN_NAMES = /\.(docx|xlsx|pptx|pdf|html?)$/i;

export class Library {
  readonly site: Site;
  readonly #world: World;

  constructor(world: World, site: Site) {
    this.#world = world;
    this.site = site;
  }

  /** `"{GUID},N"` */
  etagOf(item: Item): string {
    return etagText(this.#world, this.site.store.guidOf(item), item.version);
  }

  /** The item as it really is; throws `absent`. */
  get(names: readonly string[]): Item {
    const item = this.site.store.find(names);
    if (item === undefined) throw new Refusal('absent', `${this.#shown(names)} does not exist.`);
    return item;
  }

  folder(names: readonly string[]): FolderItem {
    const item = this.get(names);
    if (item.kind !== 'folder') throw new Refusal('not-folder', `${this.#shown(names)} is not a folder.`);
    return item;
  }

  /** Looks whether a file could be put there now, before its bytes are taken in. */
  checkPut(names: readonly string[], terms: WriteTerms, size = 0): void {
    const parent = this.#parentOf(names);
    const existing = this.site.store.child(parent, names.at(-1)!);
    this.#checkName(names);
    if (terms.ifMatch !== undefined && existing === undefined) throw changed();
    this.#checkQuota(size - (existing?.kind === 'file' ? existing.content.size : 0));
    if (existing === undefined) return;
    if (existing.kind === 'folder') throw new Refusal('is-folder', `${this.#shown(names)} is a folder.`);
    if (terms.ifNoneMatch) throw changed();
    if (terms.overwrite === false) throw exists(this.#shown(names));
    this.checkWritable(existing, terms);
    this.#checkContent(existing);
  }

  /** Creates or replaces in one step. Takes over the caller's hold of `content`, whatever happens. */
  putFile(
    names: readonly string[],
    content: Content,
    terms: WriteTerms,
  ): { file: FileItem; created: boolean } {
    try {
      this.checkPut(names, terms, content.size);
    } catch (error) {
      content.release();
      throw error;
    }
    const parent = this.#parentOf(names);
    const existing = this.site.store.child(parent, names.at(-1)!);
    if (existing?.kind === 'file') {
      this.site.store.replaceContent(existing, content);
      this.#rewriteLater(existing);
      return { file: existing, created: false };
    }
    const file = this.site.store.createFile(parent, names.at(-1)!, content);
    this.#rewriteLater(file);
    return { file, created: true };
  }

  makeFolder(names: readonly string[]): FolderItem {
    const parent = this.#parentOf(names);
    this.#checkName(names);
    if (this.site.store.child(parent, names.at(-1)!) !== undefined) throw exists(this.#shown(names));
    return this.site.store.createFolder(parent, names.at(-1)!);
  }

  remove(item: Item, terms: WriteTerms): void {
    for (const one of descend(item)) this.#checkLock(one, terms);
    this.checkWritable(item, terms);
    this.site.store.remove(item, 'recycle');
  }

  /** True when something at the target was replaced. */
  move(item: Item, to: readonly string[], terms: WriteTerms): boolean {
    for (const one of descend(item)) this.#checkLock(one, terms);
    this.checkWritable(item, terms);
    const { parent, replaced } = this.#clearTarget(item, to, terms);
    this.site.store.move(item, parent, to.at(-1)!);
    return replaced;
  }

  copy(item: Item, to: readonly string[], terms: WriteTerms): { copied: Item; replaced: boolean } {
    const { parent, replaced } = this.#clearTarget(item, to, terms);
    return { copied: this.site.store.copy(item, parent, to.at(-1)!), replaced };
  }

  setTimes(item: Item, times: Times, makesVersion?: boolean): void {
    this.site.store.touch(item, times, makesVersion);
  }

  /** Lock, condition and retention of an existing item. */
  checkWritable(item: Item, terms: WriteTerms): void {
    const { retainedName } = this.#world.switches;
    this.#checkLock(item, terms);
    if (terms.ifMatch !== undefined && terms.ifMatch !== '*' && terms.ifMatch !== this.etagOf(item))
      throw changed();
    if (retainedName !== '' && item.name.includes(retainedName)) {
      throw new Refusal('retained', 'The item is under retention and cannot be changed.');
    }
  }

  /** The item's new place: its parent, after whatever stood there was removed. */
  #clearTarget(
    item: Item,
    to: readonly string[],
    terms: WriteTerms,
  ): { parent: FolderItem; replaced: boolean } {
    const parent = this.#parentOf(to);
    this.#checkName(to);
    for (let at: Item | null = parent; at !== null; at = at.parent) {
      if (at === item) throw new Refusal('into-itself', 'A folder cannot be moved or copied into itself.');
    }
    const existing = this.site.store.child(parent, to.at(-1)!);
    if (existing === undefined || existing === item) return { parent, replaced: false };
    if (terms.overwrite !== true) throw exists(this.#shown(to));
    for (let at = item.parent; at !== null; at = at.parent) {
      if (at === existing) throw new Refusal('into-itself', 'A folder cannot make way for what is in it.');
    }
    for (const one of descend(existing)) this.#checkLock(one, terms);
    this.site.store.remove(existing, 'recycle');
    return { parent, replaced: true };
  }

  #parentOf(names: readonly string[]): FolderItem {
    if (names.length === 0) throw new Refusal('is-folder', 'The library itself cannot be changed.');
    const parent = this.site.store.find(names.slice(0, -1));
    if (parent?.kind === 'folder') return parent;
    throw new Refusal('parent-absent', `${this.#shown(names.slice(0, -1))} does not exist.`);
  }

  #checkName(names: readonly string[]): void {
    const fault = nameFault(names.at(-1)!, { atLibraryRoot: names.length === 1 });
    if (fault !== null) throw new Refusal('bad-name', fault);
    // Counted from the host's root, without the leading slash (protocol notes 2.10).
    const length = this.#shown(names).length - 1;
    if (length >= PATH_LIMIT) throw new Refusal('path-too-long', 'The path is too long.');
  }

  #checkLock(item: Item, terms: WriteTerms): void {
    const lock = this.site.store.locks.on(item.number, this.#world.clock.now());
    if (lock === undefined || terms.lockTokens?.includes(lock.token) || lock.holder === terms.writer) return;
    throw new Refusal('locked', `${item.name} is locked by another user.`);
  }

  #checkContent(file: FileItem): void {
    const { checkedOutName } = this.#world.switches;
    if (checkedOutName === '' || !file.name.includes(checkedOutName)) return;
    throw new Refusal('checked-out', `${file.name} is checked out to another user.`);
  }

  #checkQuota(growth: number): void {
    if (growth <= 0 || this.site.store.usedBytes + growth <= this.#world.switches.quotaBytes) return;
    throw new Refusal('quota', 'The site has exceeded its maximum file storage limit.');
  }

  /** SharePoint writes into Office, PDF and HTML files some time after they came (protocol notes 2.7). */
  #rewriteLater(file: FileItem): void {
    const { rewriteAfterMs, rewriteSites } = this.#world.switches;
    const rewrites = rewriteSites === 'all' || (rewriteSites === 'team' && this.site.owner === null);
    if (!rewrites || file.content.size === 0 || !REWRITTEN_NAMES.test(file.name)) return;
    const { version } = file;
    this.#world.background.after(rewriteAfterMs, () => {
      if (file.parent === null || file.version !== version) return;
      const listedSize = file.content.size;
      file.content.retain();
      const tail = `<!-- ${this.site.store.guidOf(file)} -->`;
      this.site.store.replaceContent(file, new TailedContent(file.content, tail));
      if (this.#world.switches.staleListedSize) extraOf(file).listedSize = listedSize;
    });
  }

  #shown(names: readonly string[]): string {
    return [libraryPath(this.site), ...names].join('/');
  }
}

function exists(path: string): Refusal {
  return new Refusal('exists', `A file or folder with the name ${path} already exists.`);
}

function changed(): Refusal {
  return new Refusal('changed', 'The file has been changed by somebody else.');
}
