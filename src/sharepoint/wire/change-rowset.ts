/** The XML rowset of GetListItemChangesSinceToken: its tokens, what is gone, and the rows (protocol notes 3.4). */
import type { ListRow } from './list-rows.js';
import { decodeEntities } from './xml.js';
import { inSlices } from './xml-records.js';

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
/** Rowsets put it before a field's name. */
const PREFIX = 'ows_';

/** However many rows a server puts on a page: the loop gets its turns. */
export async function parseChangeRowset(answer: string): Promise<ChangeRowset> {
  const xml = unwrapped(answer);
  const changes = attributesOf(elementsOf('Changes').exec(xml)?.[2] ?? '');
  const data = attributesOf(elementsOf('data').exec(xml)?.[2] ?? '');
  const marks: ChangeMark[] = [];
  const rows: ListRow[] = [];
  await inSlices(xml.matchAll(elementsOf('Id|row')), ([, name, attributes = '']) => {
    const found = attributesOf(attributes);
    if (name === 'row') rows.push(found);
    else marks.push({ type: found.ChangeType ?? '', uniqueId: found.UniqueId ?? '' });
  });
  return {
    lastToken: changes.LastChangeToken ?? null,
    more: /^true$/i.test(changes.MoreChanges ?? ''),
    position: data.ListItemCollectionPositionNext || null,
    marks,
    rows,
  };
}

/** Where REST answers as it does to other calls, the rowset is a string in JSON, or the text of an element. */
function unwrapped(answer: string): string {
  if (!/^\s*\{/.test(answer)) return WRAPPED.test(answer) ? decodeEntities(answer) : answer;
  try {
    const { d, value } = JSON.parse(answer) as Wrapped;
    return String(d?.GetListItemChangesSinceToken ?? value ?? '');
  } catch {
    return '';
  }
}

/** Right behind what the element begins with. */
const WRAPPED = /^\s*(?:<\?[^>]*>\s*)?<[^>]*>\s*&lt;/;

interface Wrapped {
  readonly d?: { readonly GetListItemChangesSinceToken?: unknown };
  readonly value?: unknown;
}

function elementsOf(names: string): RegExp {
  return new RegExp(`<(?:\\w+:)?(${names})${ATTRIBUTES}\\s*/?>`, 'g');
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, quoted] of text.matchAll(/([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    const field = name!.startsWith(PREFIX) ? name!.slice(PREFIX.length) : name!;
    attributes[field] = decodeEntities(quoted!.slice(1, -1));
  }
  return attributes;
}
