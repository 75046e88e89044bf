/** The last step of a REST path: what it does. */
import {
  cancelUpload,
  continueUpload,
  finishUpload,
  startUpload,
  type UploadOperation,
  uploadStatus,
} from './chunked-upload.js';
import { itemEntity, listEntity, listItemEntity, userEntity, webEntity } from './entities.js';
import {
  addFile,
  addFolder,
  addStubOnly,
  contentValue,
  listFiles,
  listFolders,
  type PlacedOperation,
  recycle,
  removeItem,
  versions,
} from './file-operations.js';
import { validateUpdate } from './form-values.js';
import { listChanges } from './list-changes.js';
import { listItemChanges } from './list-item-changes.js';
import { moveCopy, moveItemTo } from './move-copy.js';
import type { Segment } from './odata-path.js';
import { renderList } from './render-list.js';
import { itemAt, type Placed, type Resource } from './resource.js';
import type { RestCall } from './rest-call.js';
import { badQuery, unknownResource } from './rest-error.js';
import { collectionAnswer, type Entity, entityAnswer } from './shapes.js';
import type { UploadSessions } from './upload-sessions.js';
import { siteUsage } from './usage.js';

type CallOperation = (call: RestCall, segment: Segment) => Promise<void>;

const API: Readonly<Record<string, CallOperation>> = {
  'sp.movecopyutil.movefilebypath': moveCopy('move', 'file'),
  'sp.movecopyutil.movefile': moveCopy('move', 'file'),
  'sp.movecopyutil.movefolderbypath': moveCopy('move', 'folder'),
  'sp.movecopyutil.movefolder': moveCopy('move', 'folder'),
  'sp.movecopyutil.copyfilebypath': moveCopy('copy', 'file'),
  'sp.movecopyutil.copyfile': moveCopy('copy', 'file'),
  'sp.movecopyutil.copyfolderbypath': moveCopy('copy', 'folder'),
  'sp.movecopyutil.copyfolder': moveCopy('copy', 'folder'),
};

const ON_LIST: Readonly<Record<string, CallOperation>> = {
  renderlistdataasstream: renderList,
  getlistitemchangessincetoken: listItemChanges,
  getchanges: listChanges,
};

const ON_PLACE: Readonly<Record<Placed['kind'], Readonly<Record<string, PlacedOperation>>>> = {
  file: {
    $value: contentValue,
    openbinarystream: contentValue,
    recycle,
    deleteobject: removeItem,
    versions,
    moveto: moveItemTo('move'),
    movetousingpath: moveItemTo('move'),
    copyto: moveItemTo('copy'),
    copytousingpath: moveItemTo('copy'),
  },
  folder: {
    recycle,
    deleteobject: removeItem,
    addsubfolderusingpath: addFolder,
    addsubfolder: addFolder,
    moveto: moveItemTo('move'),
    movetousingpath: moveItemTo('move'),
  },
  files: { addusingpath: addFile, add: addFile, addstubusingpath: addStubOnly },
  folders: { addusingpath: addFolder, add: addFolder },
  'list-item': { validateupdatelistitem: validateUpdate, recycle, deleteobject: removeItem },
};

const ON_UPLOAD: Readonly<Record<string, (madeFile: boolean) => UploadOperation>> = {
  startupload: startUpload,
  startuploadfile: startUpload,
  continueupload: () => continueUpload,
  finishupload: () => finishUpload,
  cancelupload: () => cancelUpload,
  getuploadstatus: () => uploadStatus,
};

/** Calls that only read although they may be sent by GET. */
const READS: ReadonlySet<string> = new Set(['$value', 'openbinarystream', 'versions', 'getuploadstatus']);

export interface LastStep {
  readonly from: Resource;
  readonly segment: Segment;
  /** The way here created a stub file. */
  readonly madeStub: boolean;
}

/** The operation that a last segment names, or undefined when it only names a thing. */
export function operationOf(
  call: RestCall,
  last: LastStep,
  sessions: UploadSessions,
): (() => Promise<void>) | undefined {
  const { from, segment } = last;
  const run = found(call, last, sessions);
  if (run === undefined) return undefined;
  if (
    call.request.method === 'GET' &&
    !READS.has(segment.key) &&
    from.kind !== 'web' &&
    from.kind !== 'site'
  ) {
    throw badQuery(`The HTTP method GET is not allowed for ${segment.name}.`);
  }
  return run;
}

function found(call: RestCall, { from, segment, madeStub }: LastStep, sessions: UploadSessions) {
  const { key } = segment;
  if (from.kind === 'api') return bound(API[key], call, segment);
  if (from.kind === 'list') return bound(ON_LIST[key], call, segment);
  if (from.kind === 'web' && key === 'currentuser')
    return () => call.reply(entityAnswer(call.shape, userEntity(call)));
  if (from.kind === 'site' && key === 'usage') return () => siteUsage(call);
  if (!('names' in from)) return undefined;
  const upload = from.kind === 'file' ? ON_UPLOAD[key] : undefined;
  if (upload !== undefined) return () => upload(madeStub)(call, from, segment, sessions);
  const operation = ON_PLACE[from.kind][key];
  return operation === undefined ? undefined : () => operation(call, from, segment);
}

function bound(operation: CallOperation | undefined, call: RestCall, segment: Segment) {
  return operation === undefined ? undefined : () => operation(call, segment);
}

/** GET of a thing, or DELETE, or MERGE of its list item. */
export async function actOn(call: RestCall, resource: Resource, segment: Segment): Promise<void> {
  if (call.verb === 'DELETE' && 'names' in resource) return removeItem(call, resource, segment);
  if (call.verb !== 'GET' && call.verb !== 'HEAD')
    throw badQuery(`The HTTP method ${call.verb} is not allowed here.`);
  if (resource.kind === 'files') return listFiles(call, resource, segment);
  if (resource.kind === 'folders') return listFolders(call, resource, segment);
  if (resource.kind === 'lists') {
    return call.reply(
      collectionAnswer(call.shape, [listEntity(call)], `${call.metadataUrl}#SP.ApiData.Lists`),
    );
  }
  await call.reply(entityAnswer(call.shape, entityOf(call, resource)));
}

function entityOf(call: RestCall, resource: Resource): Entity {
  switch (resource.kind) {
    case 'web':
      return webEntity(call);
    case 'list':
      return listEntity(call);
    case 'list-item':
      return listItemEntity(call, itemAt(call, resource));
    case 'file':
    case 'folder':
      return itemEntity(call, itemAt(call, resource));
    default:
      throw unknownResource();
  }
}
