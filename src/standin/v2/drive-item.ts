/** Items and drives as JSON of the v2 API. */
import { contentTypeOf } from '../content-type.js';
import { encodePath } from '../encoding.js';
import { libraryPath, serverPath } from '../sites.js';
import { type Item, pathOf } from '../store/item.js';
import { itemIdOf } from './item-id.js';
import type { TempLinks } from './temp-links.js';
import type { V2Call } from './v2-call.js';

export function driveJson(call: V2Call): Record<string, unknown> {
  const { site } = call;
  const used = site.store.usedBytes;
  const total = call.world.switches.quotaBytes;
  return {
    id: call.driveId,
    driveType: site.owner === null ? 'documentLibrary' : 'business',
    name: site.libraryName,
    webUrl: webUrl(call, libraryPath(site)),
    owner: { user: { displayName: site.title, email: site.owner?.upn ?? null } },
    quota: { deleted: 0, remaining: Math.max(0, total - used), state: 'normal', total, used },
  };
}

export function itemJson(call: V2Call, item: Item, links?: TempLinks): Record<string, unknown> {
  const shown = call.view.show(item);
  const guid = call.site.store.guidOf(item).toUpperCase();
  const times = {
    createdDateTime: timeText(item.createdMs),
    lastModifiedDateTime: timeText(shown.modifiedMs),
  };
  return {
    ...(item.kind === 'file' && links !== undefined
      ? { '@content.downloadUrl': links.downloadUrl(call, item) }
      : {}),
    id: itemIdOf(guid),
    name: item.parent === null ? 'root' : item.name,
    size: item.kind === 'file' ? shown.size : 0,
    eTag: `"{${guid}},${shown.version}"`,
    cTag: `"c:{${guid}},${shown.version}"`,
    ...times,
    fileSystemInfo: times,
    webUrl: webUrl(call, serverPath(call.site, item)),
    ...(item.parent === null ? { root: {} } : { parentReference: parentJson(call, item.parent) }),
    ...(item.kind === 'file'
      ? { file: { mimeType: contentTypeOf(item.name) } }
      : { folder: { childCount: item.children.size } }),
  };
}

/** An item that is gone, as delta tells it. */
export function deletedJson(guid: string): Record<string, unknown> {
  return { id: itemIdOf(guid), deleted: { state: 'deleted' } };
}

function parentJson(call: V2Call, parent: Item): Record<string, unknown> {
  const path = encodePath(pathOf(parent));
  return {
    driveId: call.driveId,
    id: itemIdOf(call.site.store.guidOf(parent)),
    path: `/drives/${call.driveId}/root:${path}`,
  };
}

function webUrl(call: V2Call, path: string): string {
  const origin = call.world.hosts.originOf(call.site.role, call.request);
  return `${origin}${encodePath(path.slice(1).split('/'))}`;
}

export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
