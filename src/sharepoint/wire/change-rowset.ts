/** The XML rowset of GetListItemChangesSinceToken: its tokens, what is gone, and the rows (protocol notes 3.4). */
import type { ListRow } from './list-rows.js';
import { decodeEntities } from './xml.js';

export interface ChangeRowset {
  readonly lastToken: string | null;
  readonly more: boolean;
  /** What continues these rows; null when they are all. */
  readonly position: string | null;
  /** The `Id` elements: kinds of change, by item. */
  readonly marks: readonly ChangeMark[];
  readonly rows: readonly ListRow[];
}

export interface ChangeMark {
  /** `Delete`, `MoveAway`, `Rename`, `Restore`, `InvalidToken`, ... */
  readonly type: string;
  /** As it came; empty where the server gave none. */
  readonly uniqueId: string;
}

const ATTRIBUTES = '((?:\\s+[\\w:.-]+\\s*=\\s*(?:"[^"]*"|\'[^\']*\'))*)';

export function parseChangeRowset(xml: string): ChangeRowset {
  const changes = attributesOf(new RegExp(`<(?:\\w+:)?Changes${ATTRIBUTES}\\s*/?>`).exec(xml)?.[1] ?? '');
  const data = attributesOf(new RegExp(`<(?:\\w+:)?data${ATTRIBUTES}\\s*/?>`).exec(xml)?.[1] ?? '');
  return {
    lastToken: changes.LastChangeToken ?? null,
    more: /^true$/i.test(changes.MoreChanges ?? ''),
    position: data.ListItemCollectionPositionNext || null,
    marks: elements(xml, 'Id').map((id) => ({ type: id.ChangeType ?? '', uniqueId: id.UniqueId ?? '' })),
    rows: elements(xml, 'row').map(withoutPrefix),
  };
}

function elements(xml: string, name: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  for (const match of xml.matchAll(new RegExp(`<(?:\\w+:)?${name}${ATTRIBUTES}\\s*/?>`, 'g'))) {
    found.push(attributesOf(match[1] ?? ''));
  }
  return found;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, quoted] of text.matchAll(/([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    attributes[name!] = decodeEntities(quoted!.slice(1, -1));
  }
  return attributes;
}

/** Rowsets put `ows_` before a field's name. */
function withoutPrefix(attributes: Record<string, string>): ListRow {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replace(/^ows_/, ''), value]),
  );
}
