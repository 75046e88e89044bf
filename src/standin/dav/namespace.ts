/** MKCOL, DELETE, MOVE and COPY (protocol notes 2.8). */
import { decodePath } from '../encoding.js';
import { Refusal } from '../refusal.js';
import { namesInLibrary } from '../sites.js';
import { foldName, type Item } from '../store/item.js';
import { type DavCall, plain } from './dav-call.js';

export async function makeCollection(call: DavCall): Promise<void> {
  if (call.names === null || call.names.length === 0) return call.reply(plain(405, '405 METHOD NOT ALLOWED'));
  if (Number(call.header('content-length') ?? 0) > 0)
    return call.reply(plain(415, '415 UNSUPPORTED MEDIA TYPE'));
  try {
    call.library.makeFolder(call.names);
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'exists') throw error;
    const status = call.world.switches.folderExistsStatus;
    return call.reply(plain(status, status === 405 ? '405 METHOD NOT ALLOWED' : `${status}`));
  }
  await call.reply({ status: 201 });
}

export async function remove(call: DavCall): Promise<void> {
  if (call.names === null || call.names.length === 0) return call.reply(plain(403, '403 FORBIDDEN'));
  const item = call.site.store.find(call.names);
  if (item === undefined) {
    const status = call.world.switches.missingDeleteStatus;
    return call.reply(status === 204 ? { status } : plain(status, '404 NOT FOUND'));
  }
  call.library.remove(item, call.terms());
  await call.reply({ status: 204 });
}

export async function move(call: DavCall): Promise<void> {
  const plan = planOf(call);
  if (typeof plan === 'number') return call.reply(plain(plan, `${plan}`));
  const { item, to } = plan;
  const { folderMoveTimeoutMs, caseRename } = call.world.switches;
  if (caseRename === 'refuse' && isCaseRename(call, item, to))
    return call.reply(plain(412, '412 PRECONDITION FAILED'));
  const terms = call.terms();
  if (folderMoveTimeoutMs > 0 && item.kind === 'folder') {
    // The gateway gives up; the server goes on (protocol notes 2.8).
    call.world.background.after(folderMoveTimeoutMs, () => moveUnlessRefused(call, item, to));
    return call.reply(plain(504, '504 GATEWAY TIMEOUT'));
  }
  const replaced = call.library.move(item, to, terms);
  await call.reply({ status: replaced ? 204 : 201 });
}

export async function copy(call: DavCall): Promise<void> {
  const plan = planOf(call);
  if (typeof plan === 'number') return call.reply(plain(plan, `${plan}`));
  const { replaced } = call.library.copy(plan.item, plan.to, call.terms());
  await call.reply({ status: replaced ? 204 : 201 });
}

interface Plan {
  readonly item: Item;
  readonly to: readonly string[];
}

/** What is to go where, or the status that says why not. */
function planOf(call: DavCall): Plan | number {
  if (call.names === null || call.names.length === 0) return 403;
  const item = call.site.store.find(call.names);
  if (item === undefined) return 404;
  const to = destinationOf(call);
  return typeof to === 'number' ? to : { item, to };
}

function destinationOf(call: DavCall): readonly string[] | number {
  const header = call.header('destination');
  if (header === undefined) return 400;
  const absolute = /^https?:\/\/([^/]*)(\/.*)?$/i.exec(header);
  if (absolute !== null && absolute[1]!.toLowerCase() !== call.request.host.toLowerCase()) return 502;
  const { role, path } = call.world.hosts.resolve(call.request.host, absolute?.[2] ?? header);
  const place = call.world.sites.find(role, decodePath(path));
  // Another site is another server, as far as WebDAV goes.
  if (place === undefined || place.site !== call.site) return 502;
  return namesInLibrary(place) ?? 403;
}

function isCaseRename(call: DavCall, item: Item, to: readonly string[]): boolean {
  return call.site.store.find(to) === item && foldName(to.at(-1)!) === foldName(item.name);
}

function moveUnlessRefused(call: DavCall, item: Item, to: readonly string[]): void {
  try {
    call.library.move(item, to, call.terms());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
