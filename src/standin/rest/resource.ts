/** What the calls of a REST path lead to, step by step. Paths are resolved when the last step acts on them. */
import { type Item, pathOf } from '../store/item.js';
import { type Segment, textArgument } from './odata-path.js';
import type { RestCall } from './rest-call.js';
import { fileNotFound } from './rest-error.js';

export type Resource =
  | { readonly kind: 'api' }
  | { readonly kind: 'web' }
  | { readonly kind: 'site' }
  | { readonly kind: 'lists' }
  | { readonly kind: 'list' }
  | { readonly kind: 'items' }
  /** A file or a folder by its place; a step later it must be there, and of that kind. */
  | {
      readonly kind: 'file' | 'folder' | 'list-item' | 'files' | 'folders';
      readonly names: readonly string[];
    };

export type Placed = Extract<Resource, { readonly names: readonly string[] }>;

type Step = (call: RestCall, from: Resource, segment: Segment) => Resource;

const decodedFile: Step = (call, _from, segment) => ({
  kind: 'file',
  names: call.namesAt(textArgument(segment, 'decodedurl')),
});
const decodedFolder: Step = (call, _from, segment) => ({
  kind: 'folder',
  names: call.namesAt(textArgument(segment, 'decodedurl')),
});
const encodedFile: Step = (call, _from, segment) => ({
  kind: 'file',
  names: call.namesAtEncoded(textArgument(segment, 'serverrelativeurl')),
});
const encodedFolder: Step = (call, _from, segment) => ({
  kind: 'folder',
  names: call.namesAtEncoded(textArgument(segment, 'serverrelativeurl')),
});
const within =
  (kind: 'list-item' | 'files' | 'folders'): Step =>
  (_call, from) => ({ kind, names: namesOf(from) });

const STEPS: Readonly<Record<Resource['kind'], Readonly<Record<string, Step>>>> = {
  api: { web: () => ({ kind: 'web' }), site: () => ({ kind: 'site' }) },
  web: {
    getfilebyserverrelativepath: decodedFile,
    getfolderbyserverrelativepath: decodedFolder,
    getfilebyserverrelativeurl: encodedFile,
    getfolderbyserverrelativeurl: encodedFolder,
    getfilebyid: (call, _from, segment) => byId(call, segment, 'file'),
    getfolderbyid: (call, _from, segment) => byId(call, segment, 'folder'),
    getlist: (call, _from, segment) => listAt(call, textArgument(segment, 'url')),
    getlistusingpath: (call, _from, segment) => listAt(call, textArgument(segment, 'decodedurl')),
    defaultdocumentlibrary: () => ({ kind: 'list' }),
    lists: (call, _from, segment) =>
      segment.positional.length === 0 ? { kind: 'lists' } : listById(call, segment),
    folders: () => ({ kind: 'folders', names: [] }),
  },
  site: { rootweb: () => ({ kind: 'web' }) },
  lists: {
    getbytitle: (call, _from, segment) => listByTitle(call, segment),
    getbyid: (call, _from, segment) => listById(call, segment),
  },
  list: {
    rootfolder: () => ({ kind: 'folder', names: [] }),
    items: (call, _from, segment) =>
      segment.positional.length === 0 ? { kind: 'items' } : listItem(call, segment),
    getitembyid: (call, _from, segment) => listItem(call, segment),
    getitembyuniqueid: (call, _from, segment) => byId(call, segment, 'list-item'),
  },
  items: { getbyid: (call, _from, segment) => listItem(call, segment) },
  file: { listitemallfields: within('list-item') },
  folder: {
    listitemallfields: within('list-item'),
    files: (_call, from, segment) => named('file', 'files', from, segment),
    folders: (_call, from, segment) => named('folder', 'folders', from, segment),
  },
  'list-item': {
    file: (_call, from) => ({ kind: 'file', names: namesOf(from) }),
    folder: (_call, from) => ({ kind: 'folder', names: namesOf(from) }),
  },
  files: {
    getbyurl: (_call, from, segment) => ({
      kind: 'file',
      names: [...namesOf(from), textArgument(segment, 'url')],
    }),
  },
  folders: {
    getbyurl: (_call, from, segment) => ({
      kind: 'folder',
      names: [...namesOf(from), textArgument(segment, 'url')],
    }),
  },
};

/** Where a segment leads, or undefined when it leads nowhere from here. */
export function stepFrom(call: RestCall, from: Resource, segment: Segment): Resource | undefined {
  return STEPS[from.kind][segment.key]?.(call, from, segment);
}

/** The item at a place as reads see it; a file where a folder is asked for is not found, and the reverse. */
export function itemAt(call: RestCall, resource: Placed): Item {
  const item = call.view.find(resource.names);
  if (item === undefined) throw fileNotFound();
  if (resource.kind === 'file' && item.kind !== 'file') throw fileNotFound();
  if (resource.kind === 'folder' && item.kind !== 'folder') throw fileNotFound();
  return item;
}

function namesOf(resource: Resource): readonly string[] {
  return 'names' in resource ? resource.names : [];
}

function named(one: 'file' | 'folder', all: 'files' | 'folders', from: Resource, segment: Segment): Resource {
  const name = segment.positional[0];
  return typeof name === 'string'
    ? { kind: one, names: [...namesOf(from), name] }
    : { kind: all, names: namesOf(from) };
}

function byId(call: RestCall, segment: Segment, kind: 'file' | 'folder' | 'list-item'): Resource {
  const item = call.site.store.byGuid(textArgument(segment, 'uniqueid'));
  if (item === undefined) throw fileNotFound();
  return { kind, names: pathOf(item) };
}

function listItem(call: RestCall, segment: Segment): Resource {
  const item = call.site.store.byNumber(Number(segment.positional[0] ?? segment.named.id));
  if (item === undefined) throw fileNotFound();
  return { kind: 'list-item', names: pathOf(item) };
}

function listAt(call: RestCall, url: string): Resource {
  if (call.namesAtEncoded(url).length > 0) throw fileNotFound();
  return { kind: 'list' };
}

function listById(call: RestCall, segment: Segment): Resource {
  if (textArgument(segment, 'id').toLowerCase() !== call.site.store.listId) throw fileNotFound();
  return { kind: 'list' };
}

function listByTitle(call: RestCall, segment: Segment): Resource {
  const title = textArgument(segment, 'title').toLowerCase();
  if (title !== 'documents' && title !== call.site.libraryName.toLowerCase()) throw fileNotFound();
  return { kind: 'list' };
}
