/**
 * What a library holds. Kept lean, for a scale test has a million of them: no GUID and no path is stored, the first is
 * derived from the item's number, the second from its parents. What few items have is in `extra`.
 */
import type { Content } from './content.js';

interface ItemBase {
  /** The list item's ID: unique in its store, never given twice. */
  readonly number: number;
  name: string;
  /** Null for the root and for what was removed. */
  parent: FolderItem | null;
  /** The N of `"{GUID},N"`; 1 at first, grows with content and metadata (protocol notes 2.2). */
  version: number;
  createdMs: number;
  modifiedMs: number;
  extra: ItemExtra | undefined;
}

export interface FileItem extends ItemBase {
  readonly kind: 'file';
  content: Content;
}

export interface FolderItem extends ItemBase {
  readonly kind: 'folder';
  /** By folded name; see `foldName`. */
  readonly children: Map<string, Item>;
}

export type Item = FileItem | FolderItem;

export interface ItemExtra {
  /** Dead properties of PROPPATCH: `{namespace}name` to text. */
  properties?: Map<string, string>;
  /** Reads do not see the item before this instant (read-after-write lag). */
  visibleFromMs?: number;
  /** What reads still see until `untilMs`. */
  stale?: { readonly version: number; readonly modifiedMs: number; readonly untilMs: number };
  /** A shortcut to what lies in another library. */
  shortcutUrl?: string;
  /** The size that listings show although the content has another one. */
  listedSize?: number;
}

/** SharePoint keeps case and ignores it when comparing; it does not normalise Unicode (protocol notes 2.10). */
export function foldName(name: string): string {
  return name.toLowerCase();
}

export function extraOf(item: Item): ItemExtra {
  item.extra ??= {};
  return item.extra;
}

/** The item and all below it, parents first. */
export function* descend(item: Item): Generator<Item> {
  yield item;
  if (item.kind === 'folder') for (const child of item.children.values()) yield* descend(child);
}

/** Names from below the root down to the item. */
export function pathOf(item: Item): string[] {
  const names: string[] = [];
  for (let at: Item = item; at.parent !== null; at = at.parent) names.push(at.name);
  return names.reverse();
}
