/** The properties of items as SharePoint shows them in a PROPFIND (protocol notes 2.2). */

import { escapeXml } from '../encoding.js';
import { etagText } from '../etag.js';
import type { Item } from '../store/item.js';
import type { Lock } from '../store/locks.js';
import type { DavCall } from './dav-call.js';

/** Properties that are answered only when asked for by name. */
export const DAV = '{DAV:}';
const OFFICE = '{urn:schemas-microsoft-com:office:office}';
const REPL = '{http://schemas.microsoft.com/repl/}';
export const WIN32 = '{urn:schemas-microsoft-com:}';

export const NAMESPACE_PREFIXES: Readonly<Record<string, string>> = {
  'DAV:': 'D',
  'urn:schemas-microsoft-com:office:office': 'Office',
  'http://schemas.microsoft.com/repl/': 'Repl',
  'urn:schemas-microsoft-com:': 'Z',
};

const SUPPORTED_LOCK =
  '<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>';

/** `[name, inner XML]`, in SharePoint's order. */
export type PropertyList = (readonly [name: string, xml: string])[];

/** What an allprop answer holds for the item. */
export function listedProperties(call: DavCall, item: Item): PropertyList {
  const shown = call.view.show(item);
  const guid = call.site.store.guidOf(item).toUpperCase();
  const { switches, clock } = call.world;
  const head: PropertyList = [
    [`${DAV}displayname`, escapeXml(item.parent === null ? call.site.libraryName : item.name)],
    [`${DAV}lockdiscovery`, lockXml(call.site.store.locks.on(item.number, clock.now()), call.hrefOf(item))],
    [`${DAV}supportedlock`, SUPPORTED_LOCK],
  ];
  const times: PropertyList = [
    [`${DAV}getlastmodified`, dateText(call, shown.modifiedMs)],
    [`${DAV}creationdate`, isoText(item.createdMs)],
  ];
  const tags: PropertyList = [
    [`${REPL}repl-uid`, `rid:{${guid}}`],
    [`${REPL}resourcetag`, `rt:${guid}@${String(shown.version).padStart(11, '0')}`],
    [`${DAV}getetag`, escapeXml(etagText(call.world, guid, shown.version))],
  ];
  const win32 = switches.win32Properties ? win32Properties(item) : [];
  if (item.kind === 'folder') return [...head, ...folderProperties(call), ...times, ...tags, ...win32];
  const kind: PropertyList = switches.resourceTypeOnFiles ? [[`${DAV}resourcetype`, '']] : [];
  const size: PropertyList = [[`${DAV}getcontentlength`, String(shown.size)]];
  const by: PropertyList = [[`${OFFICE}modifiedby`, escapeXml(`i:0#.f|membership|${call.session.user.upn}`)]];
  return [...head, ...kind, ...times, ...size, ...tags, ...by, ...win32];
}

/** All that can be asked for by name. */
export function knownProperties(call: DavCall, item: Item): Map<string, string> {
  const known = new Map<string, string>(listedProperties(call, item));
  if (item.kind === 'file') {
    known.set(`${DAV}resourcetype`, '');
    known.set(`${DAV}iscollection`, call.world.switches.trueFalseCollections ? 'false' : '0');
  }
  for (const [name, xml] of win32Properties(item)) known.set(name, xml);
  for (const [name, text] of item.extra?.properties ?? []) known.set(name, escapeXml(text));
  if (call.world.switches.quotaProperties) {
    const used = call.site.store.usedBytes;
    known.set(`${DAV}quota-used-bytes`, String(used));
    known.set(`${DAV}quota-available-bytes`, String(Math.max(0, call.world.switches.quotaBytes - used)));
  }
  return known;
}

export function lockXml(lock: Lock | undefined, href: string): string {
  if (lock === undefined) return '';
  return (
    '<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:exclusive/></D:lockscope><D:depth>0</D:depth>' +
    `<D:owner>${lock.ownerXml}</D:owner><D:timeout>Second-${lock.seconds}</D:timeout>` +
    `<D:locktoken><D:href>${escapeXml(lock.token)}</D:href></D:locktoken>` +
    `<D:lockroot><D:href>${escapeXml(href)}</D:href></D:lockroot></D:activelock>`
  );
}

export function isoText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** ISO for Office, RFC 1123 for others; the day with or without its zero. */
function dateText(call: DavCall, atMs: number): string {
  if (/Microsoft Office|MSOffice/i.test(call.header('user-agent') ?? '')) return isoText(atMs);
  const text = new Date(atMs).toUTCString();
  return call.world.switches.looseDates ? text.replace(', 0', ', ') : text;
}

function folderProperties(call: DavCall): PropertyList {
  const words = call.world.switches.trueFalseCollections;
  return [
    [`${DAV}isFolder`, 't'],
    [`${DAV}iscollection`, words ? 'true' : '1'],
    [`${DAV}ishidden`, words ? 'false' : '0'],
    [`${DAV}getcontenttype`, 'application/octet-stream'],
    [`${DAV}getcontentlength`, '0'],
    [`${DAV}resourcetype`, '<D:collection/>'],
    [`${REPL}authoritative-directory`, 't'],
  ];
}

function win32Properties(item: Item): PropertyList {
  const stored = item.extra?.properties;
  const fallback: PropertyList = [
    [`${WIN32}Win32CreationTime`, new Date(item.createdMs).toUTCString()],
    [`${WIN32}Win32LastAccessTime`, new Date(item.modifiedMs).toUTCString()],
    [`${WIN32}Win32LastModifiedTime`, new Date(item.modifiedMs).toUTCString()],
    [`${WIN32}Win32FileAttributes`, item.kind === 'folder' ? '00000010' : '00000020'],
  ];
  return fallback.map(([name, text]) => [name, escapeXml(stored?.get(name) ?? text)]);
}
