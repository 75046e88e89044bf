/** Creating, replacing, removing and reading files and folders by REST (protocol notes 3.2). */
import { serveFile } from '../download.js';
import type { WriteTerms } from '../library.js';
import type { Content } from '../store/content.js';
import { MemoryContent } from '../store/content.js';
import { TooManyBytes } from '../store/content-vault.js';
import type { FolderItem } from '../store/item.js';
import { fileEntity, folderEntity, timeText } from './entities.js';
import { type Segment, textArgument } from './odata-path.js';
import { itemAt, type Placed } from './resource.js';
import type { RestCall } from './rest-call.js';
import { badQuery, fileNotFound, tooBig } from './rest-error.js';
import { collectionAnswer, entityAnswer, scalarAnswer } from './shapes.js';

export type PlacedOperation = (call: RestCall, at: Placed, segment: Segment) => Promise<void>;

/** `Files/AddUsingPath(decodedurl='N',overwrite=true)`: the body, empty or not, is the content. */
export const addFile: PlacedOperation = async (call, at, segment) => {
  const folder = folderAt(call, at);
  const names = [...at.names, freeName(call, folder, segment)];
  const terms: WriteTerms = { ...contentTerms(call), overwrite: segment.named.overwrite === true };
  call.library.checkPut(names, terms, Number(call.header('content-length') ?? 0));
  const { file } = call.library.putFile(names, await receive(call), terms);
  await call.reply(entityAnswer(call.shape, fileEntity(call, file)));
};

/** An empty file in whose place a chunked upload puts its bytes. */
export function addStub(call: RestCall, at: Placed, segment: Segment): Placed {
  const folder = folderAt(call, at);
  const names = [...at.names, freeName(call, folder, segment)];
  if (call.site.store.find(names) === undefined) {
    call.library.putFile(names, new MemoryContent(new Uint8Array(0)), {});
  }
  return { kind: 'file', names };
}

export const addStubOnly: PlacedOperation = async (call, at, segment) => {
  const { names } = addStub(call, at, segment);
  const file = call.library.get(names);
  if (file.kind !== 'file') throw fileNotFound();
  await call.reply(entityAnswer(call.shape, fileEntity(call, file)));
};

/** `Folders/AddUsingPath(decodedurl='…')`, a name or a whole path; one that is there already is answered as made. */
export const addFolder: PlacedOperation = async (call, at, segment) => {
  const given = textArgument(segment, segment.named.url === undefined ? 'decodedurl' : 'url');
  const names = given.includes('/')
    ? call.namesAt(given.startsWith('/') ? given : `/${given}`)
    : [...at.names, given];
  const existing = call.site.store.find(names);
  if (existing?.kind === 'folder' && segment.named.overwrite !== false) {
    return call.reply(entityAnswer(call.shape, folderEntity(call, existing)));
  }
  await call.reply(entityAnswer(call.shape, folderEntity(call, call.library.makeFolder(names)), 201));
};

export const readContent: PlacedOperation = async (call, at) => {
  const file = itemAt(call, at);
  if (file.kind !== 'file') throw fileNotFound();
  const { world, request, site, view } = call;
  await serveFile({ world, request, site, view, file, honoursRange: world.switches.valueRanges });
};

/** PUT on `$value` replaces; MERGE and POST are refused. */
export const contentValue: PlacedOperation = async (call, at, segment) => {
  if (call.verb === 'GET' || call.verb === 'HEAD') return readContent(call, at, segment);
  if (call.verb !== 'PUT') throw badQuery('The type SP.File does not support HTTP PATCH method.');
  itemAt(call, at);
  const terms = contentTerms(call);
  call.library.checkPut(at.names, terms, Number(call.header('content-length') ?? 0));
  call.library.putFile(at.names, await receive(call), terms);
  await call.reply({ status: 204 });
};

export const recycle: PlacedOperation = async (call, at, segment) => {
  const item = itemAt(call, at);
  call.library.remove(item, writeTerms(call));
  await call.reply(scalarAnswer(call.shape, segment.name, call.site.store.guidOf(item), call.metadataUrl));
};

export const removeItem: PlacedOperation = async (call, at) => {
  const item = itemAt(call, at);
  call.library.remove(item, writeTerms(call));
  await call.reply({ status: 200 });
};

export const listFiles: PlacedOperation = async (call, at) => {
  const files = call.view.children(folderAt(call, at)).filter((child) => child.kind === 'file');
  const entities = page(call, files).map((file) => fileEntity(call, file));
  await call.reply(collectionAnswer(call.shape, entities, `${call.metadataUrl}#SP.ApiData.Files12`));
};

export const listFolders: PlacedOperation = async (call, at) => {
  const folders = call.view.children(folderAt(call, at)).filter((child) => child.kind === 'folder');
  const entities = page(call, folders).map((folder) => folderEntity(call, folder));
  await call.reply(collectionAnswer(call.shape, entities, `${call.metadataUrl}#SP.ApiData.Folders12`));
};

/** Former versions as labels; their bytes are not kept. */
export const versions: PlacedOperation = async (call, at) => {
  const file = itemAt(call, at);
  if (file.kind !== 'file') throw fileNotFound();
  const former = Array.from({ length: Math.max(0, file.version - 1) }, (_, at) => at + 1);
  const entities = former.map((number) => ({
    type: 'SP.FileVersion',
    uri: `${call.apiUrl}Web/versions(${number * 512})`,
    properties: {
      ID: number * 512,
      VersionLabel: `${number}.0`,
      IsCurrentVersion: false,
      Created: timeText(file.createdMs),
    },
  }));
  await call.reply(collectionAnswer(call.shape, entities, `${call.metadataUrl}#SP.ApiData.FileVersions`));
};

/** If-Match of the request; without one, or with `*`, anything is overwritten (protocol notes 3.6). */
export function writeTerms(call: RestCall): WriteTerms {
  const tag = call.header('if-match');
  return tag === undefined || tag === '*' ? {} : { ifMatch: tag };
}

function contentTerms(call: RestCall): WriteTerms {
  return { ...writeTerms(call), writer: call.session.user.upn };
}

export async function receive(call: RestCall): Promise<Content> {
  const limit = call.world.switches.restMaxBytes;
  if (Number(call.header('content-length') ?? 0) > limit) throw tooBig(limit);
  try {
    return await call.world.vault.receive(call.request.body, limit);
  } catch (error) {
    if (error instanceof TooManyBytes) throw tooBig(limit);
    throw error;
  }
}

function folderAt(call: RestCall, at: Placed): FolderItem {
  const folder = call.view.find(at.names);
  if (folder?.kind !== 'folder') throw fileNotFound();
  return folder;
}

/** The name asked for, or with EnsureUniqueFileName one like it that is free. */
function freeName(call: RestCall, folder: FolderItem, segment: Segment): string {
  const name = textArgument(segment, segment.named.url === undefined ? 'decodedurl' : 'url');
  if (segment.named.ensureuniquefilename !== true) return name;
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
  for (let count = 0; ; count++) {
    const tried = count === 0 ? name : `${name.slice(0, dot)}${count}${name.slice(dot)}`;
    if (call.site.store.child(folder, tried) === undefined) return tried;
  }
}

function page<One>(call: RestCall, all: readonly One[]): readonly One[] {
  const { collectionPaging } = call.world.switches;
  const skip = collectionPaging === 'ignore-skip' ? 0 : Number(call.request.query.get('$skip') ?? 0);
  const top = Number(call.request.query.get('$top') ?? all.length);
  const shown = collectionPaging === 'omit-last' ? all.slice(0, -1) : all;
  return shown.slice(skip, skip + top);
}
