/** What REST tells about files, folders, lists and webs. */
import { etagText } from '../etag.js';
import { serverPath } from '../sites.js';
import type { FileItem, FolderItem, Item } from '../store/item.js';
import type { RestCall } from './rest-call.js';
import type { Entity } from './shapes.js';

/** UIVersion of major version N is N times this. */
const MAJOR_STEP = 512;

/** Whole seconds, as everywhere on the service. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function itemEntity(call: RestCall, item: Item): Entity {
  return item.kind === 'file' ? fileEntity(call, item) : folderEntity(call, item);
}

export function fileEntity(call: RestCall, file: FileItem): Entity {
  const shown = call.view.show(file);
  const id = call.site.store.guidOf(file);
  const etag = etagText(call.world, id, shown.version);
  const path = serverPath(call.site, file);
  return selected(call, {
    type: 'SP.File',
    uri: entityUri(call, 'GetFileByServerRelativePath', path),
    properties: {
      CheckInComment: '',
      CheckOutType: 2,
      ContentTag: `{${id.toUpperCase()}},${shown.version},${shown.version}`,
      CustomizedPageStatus: 0,
      ETag: etag,
      Exists: true,
      IrmEnabled: false,
      Length: numberOrText(call, shown.size),
      Level: 1,
      LinkingUri: null,
      LinkingUrl: '',
      MajorVersion: shown.version,
      MinorVersion: 0,
      Name: file.name,
      ServerRelativeUrl: path,
      TimeCreated: timeText(file.createdMs),
      TimeLastModified: timeText(shown.modifiedMs),
      Title: null,
      UIVersion: shown.version * MAJOR_STEP,
      UIVersionLabel: `${shown.version}.0`,
      UniqueId: uniqueId(call, id),
    },
  });
}

export function folderEntity(call: RestCall, folder: FolderItem): Entity {
  const path = serverPath(call.site, folder);
  const shown = call.view.show(folder);
  return selected(call, {
    type: 'SP.Folder',
    uri: entityUri(call, 'GetFolderByServerRelativePath', path),
    properties: {
      Exists: true,
      ExistsAllowThrowForPolicyFailures: true,
      IsWOPIEnabled: false,
      ItemCount: folder.children.size,
      Name: folder.parent === null ? call.site.libraryName : folder.name,
      ProgID: null,
      ServerRelativeUrl: path,
      TimeCreated: timeText(folder.createdMs),
      TimeLastModified: timeText(shown.modifiedMs),
      UniqueId: uniqueId(call, call.site.store.guidOf(folder)),
      WelcomePage: '',
    },
  });
}

/** The list item behind a file or folder. */
export function listItemEntity(call: RestCall, item: Item): Entity {
  const shown = call.view.show(item);
  const id = call.site.store.guidOf(item);
  return selected(call, {
    type: 'SP.Data.DocumentsItem',
    uri: `${call.apiUrl}Web/Lists(guid'${call.site.store.listId}')/Items(${item.number})`,
    etag: `"${shown.version}"`,
    properties: {
      FileSystemObjectType: item.kind === 'folder' ? 1 : 0,
      Id: item.number,
      ID: item.number,
      FileLeafRef: item.name,
      FileRef: serverPath(call.site, item),
      Created: timeText(item.createdMs),
      Modified: timeText(shown.modifiedMs),
      GUID: id,
      UniqueId: id,
      OData__UIVersionString: `${shown.version}.0`,
    },
  });
}

export function listEntity(call: RestCall): Entity {
  const { store } = call.site;
  return selected(call, {
    type: 'SP.List',
    uri: `${call.apiUrl}Web/Lists(guid'${store.listId}')`,
    properties: {
      AllowContentTypes: true,
      BaseTemplate: call.site.owner === null ? 101 : 700,
      BaseType: 1,
      CurrentChangeToken: { StringValue: store.changes.end(call.world.clock.now()) },
      EnableVersioning: true,
      Hidden: false,
      Id: store.listId,
      ItemCount: store.itemCount,
      LastItemModifiedDate: timeText(store.root.modifiedMs),
      MajorVersionLimit: 500,
      ParentWebUrl: call.site.path,
      Title: call.site.libraryName === 'Shared Documents' ? 'Documents' : call.site.libraryName,
    },
  });
}

export function webEntity(call: RestCall): Entity {
  return selected(call, {
    type: 'SP.Web',
    uri: `${call.apiUrl}Web`,
    properties: {
      Id: call.site.webId,
      Language: 1033,
      ServerRelativeUrl: call.site.path,
      Title: call.site.title,
      Url: call.siteUrl,
      WebTemplate: call.site.owner === null ? 'GROUP' : 'SPSPERS',
    },
  });
}

export function userEntity(call: RestCall): Entity {
  const { user } = call.session;
  const number = call.world.directory.users.indexOf(user) + 6;
  return selected(call, {
    type: 'SP.User',
    uri: `${call.apiUrl}Web/GetUserById(${number})`,
    properties: {
      Id: number,
      IsHiddenInUI: false,
      LoginName: `i:0#.f|membership|${user.upn}`,
      Title: user.displayName,
      PrincipalType: 1,
      Email: user.upn,
      IsSiteAdmin: call.site.owner === user,
      UserPrincipalName: user.upn,
    },
  });
}

export function numberOrText(call: RestCall, value: number): string | number {
  return call.world.switches.numbersAsStrings ? String(value) : value;
}

function uniqueId(call: RestCall, guid: string): string {
  return call.world.switches.upperCaseUniqueIds ? guid.toUpperCase() : guid;
}

export function entityUri(call: RestCall, method: string, path: string): string {
  const literal = encodeURIComponent(path.replace(/'/g, "''")).replace(/%2F/g, '/');
  return `${call.apiUrl}Web/${method}(decodedurl='${literal}')`;
}

/** Only what `$select` names, where it names anything. */
function selected(call: RestCall, entity: Entity): Entity {
  const select = call.request.query.get('$select');
  if (select === null || select.trim() === '' || select.includes('*')) return entity;
  const names = new Set(select.split(',').map((name) => name.trim().replace(/\/.*/, '')));
  const kept = Object.entries(entity.properties).filter(([name]) => names.has(name));
  return { ...entity, properties: Object.fromEntries(kept) };
}
