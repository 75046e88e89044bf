/** Which items a list query means, page by page in the order of their IDs. */
import { type FolderItem, foldName, type Item } from '../store/item.js';
import type { RestCall } from './rest-call.js';

export type Scope = 'default' | 'files' | 'recursive' | 'recursive-all';

export interface ListQuery {
  readonly folder: FolderItem;
  readonly scope: Scope;
  readonly rowLimit: number;
  /** Items with a greater ID come next; 0 for the first page. */
  readonly afterId: number;
  /** Only items with these IDs; null: all. */
  readonly ids: ReadonlySet<number> | null;
}

export interface ListPage {
  readonly items: readonly Item[];
  readonly more: boolean;
}

export function scopeOf(word: string | undefined): Scope {
  switch (word?.toLowerCase()) {
    case 'recursiveall':
      return 'recursive-all';
    case 'recursive':
      return 'recursive';
    case 'filesonly':
      return 'files';
    default:
      return 'default';
  }
}

/** The ID in `Paged=TRUE&p_ID=100`, where there is one. */
export function afterIdOf(paging: string | null | undefined): number {
  const id = new URLSearchParams((paging ?? '').replace(/^\?/, '').replace(/&amp;/g, '&')).get('p_ID');
  return id === null || !/^\d+$/.test(id) ? 0 : Number(id);
}

export function pageOf(call: RestCall, query: ListQuery): ListPage {
  const items: Item[] = [];
  for (const item of candidates(call, query)) {
    if (!fits(query, item) || !call.view.isVisible(item)) continue;
    if (items.length === query.rowLimit) return { items: trimmed(call, items), more: true };
    items.push(item);
  }
  return { items: trimmed(call, items), more: false };
}

/** The IDs of `<In><FieldRef Name="ID"/><Values>…`, where the query has such a condition. */
export function idsIn(caml: string): ReadonlySet<number> | null {
  const values = /<In>\s*<FieldRef Name=["']ID["']\s*\/>\s*<Values>(.*?)<\/Values>/is.exec(caml)?.[1];
  if (values === undefined) return null;
  return new Set([...values.matchAll(/<Value[^>]*>(\d+)<\/Value>/gi)].map(([, id]) => Number(id)));
}

/** In the order of their IDs. A recursive query walks the numbers, so that a page costs what it shows. */
function* candidates(call: RestCall, query: ListQuery): Generator<Item> {
  const { store } = call.site;
  const isRecursive = query.scope === 'recursive' || query.scope === 'recursive-all';
  if (isRecursive && call.world.switches.heedsRecursiveAll) {
    for (let number = query.afterId + 1; number < store.nextNumber; number++) {
      const item = store.byNumber(number);
      if (item !== undefined) yield item;
    }
    return;
  }
  const children = [...query.folder.children.values()].filter((child) => child.number > query.afterId);
  yield* children.sort((one, other) => one.number - other.number);
}

function fits(query: ListQuery, item: Item): boolean {
  if (query.ids !== null && !query.ids.has(item.number)) return false;
  if ((query.scope === 'files' || query.scope === 'recursive') && item.kind === 'folder') return false;
  if (query.folder.parent === null) return true;
  for (let at = item.parent; at !== null; at = at.parent) if (at === query.folder) return true;
  return false;
}

/** A listing may leave out an entry, when a switch says so (protocol notes 5.2.7). */
function trimmed(call: RestCall, items: Item[]): Item[] {
  const { switches } = call.world;
  if (switches.omitFromListings > 0 && items.length > 0) {
    switches.omitFromListings--;
    items.pop();
  }
  return items;
}

/** The value of an attribute or the text of an element in a scrap of CAML, whatever its quotes. */
export function camlAttribute(caml: string, element: string, attribute: string): string | undefined {
  const tag = new RegExp(`<${element}\\b[^>]*\\b${attribute}\\s*=\\s*["']([^"']*)["']`, 'i').exec(caml);
  return tag?.[1];
}

export function camlText(caml: string, element: string): string | undefined {
  return new RegExp(`<${element}\\b[^>]*>([^<]*)</${element}>`, 'i').exec(caml)?.[1]?.trim();
}

/** File extension as the list shows it. */
export function fileType(item: Item): string {
  const dot = item.kind === 'file' ? item.name.lastIndexOf('.') : -1;
  return dot < 0 ? '' : foldName(item.name.slice(dot + 1));
}
