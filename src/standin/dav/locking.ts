/** LOCK and UNLOCK (protocol notes 2.6): exclusive write locks with a time limit, on items that exist or are to be. */
import { escapeXml } from '../encoding.js';
import { MemoryContent } from '../store/content.js';
import type { Item } from '../store/item.js';
import type { Lock } from '../store/locks.js';
import { type DavCall, plain } from './dav-call.js';
import { DAV, lockXml } from './properties.js';
import { childOf, parseXml, type XmlElement } from './xml.js';

export async function lock(call: DavCall): Promise<void> {
  const body = await call.request.text();
  if (call.names === null) return call.reply(plain(405, '405 METHOD NOT ALLOWED'));
  if (body.trim() === '') return refresh(call);
  const info = parseXml(body);
  if (childOf(info, `${DAV}lockscope`)?.children[0]?.name === `${DAV}shared`) {
    return call.reply(plain(412, '412 PRECONDITION FAILED'));
  }
  const existing = call.item;
  if (existing !== undefined) call.library.checkWritable(existing, {});
  const item = existing ?? call.library.putFile(call.names, new MemoryContent(new Uint8Array(0)), {}).file;
  const made = newLock(call, info);
  call.site.store.locks.put(item.number, made);
  await answer(call, item, made, existing === undefined ? 201 : 200);
}

export async function unlock(call: DavCall): Promise<void> {
  const item = call.item;
  if (item === undefined) return call.reply(plain(404, '404 NOT FOUND'));
  const held = call.site.store.locks.on(item.number, call.world.clock.now());
  const token = /<([^>]+)>/.exec(call.header('lock-token') ?? '')?.[1];
  if (held === undefined || held.token !== token) return call.reply(plain(409, '409 CONFLICT'));
  call.site.store.locks.remove(item.number);
  await call.reply({ status: 204 });
}

async function refresh(call: DavCall): Promise<void> {
  const item = call.item;
  if (item === undefined) return call.reply(plain(404, '404 NOT FOUND'));
  const held = call.site.store.locks.on(item.number, call.world.clock.now());
  if (held === undefined || !call.terms().lockTokens?.includes(held.token)) {
    return call.reply(plain(412, '412 PRECONDITION FAILED'));
  }
  const seconds = grantedSeconds(call);
  const renewed = { ...held, seconds, expiresMs: call.world.clock.now() + seconds * 1000 };
  call.site.store.locks.put(item.number, renewed);
  await answer(call, item, renewed, 200);
}

function newLock(call: DavCall, info: XmlElement): Lock {
  const nowMs = call.world.clock.now();
  const seconds = grantedSeconds(call);
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    token: `opaquelocktoken:{${call.world.random.guid().toUpperCase()}}${stamp}`,
    holder: call.session.user.upn,
    ownerXml: ownerXml(childOf(info, `${DAV}owner`)),
    seconds,
    expiresMs: nowMs + seconds * 1000,
  };
}

function ownerXml(owner: XmlElement | undefined): string {
  if (owner === undefined) return '';
  const href = childOf(owner, `${DAV}href`);
  return href === undefined
    ? escapeXml(owner.text.trim())
    : `<D:href>${escapeXml(href.text.trim())}</D:href>`;
}

function grantedSeconds(call: DavCall): number {
  const longest = call.world.switches.lockSeconds;
  const asked = /Second-(\d+)/i.exec(call.header('timeout') ?? '')?.[1];
  return asked === undefined ? longest : Math.max(1, Math.min(longest, Number(asked)));
}

function answer(call: DavCall, item: Item, held: Lock, status: number): Promise<void> {
  const discovery = lockXml(held, call.hrefOf(item));
  return call.reply({
    status,
    headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Lock-Token': `<${held.token}>` },
    body: `<?xml version="1.0" encoding="utf-8"?><D:prop xmlns:D="DAV:"><D:lockdiscovery>${discovery}</D:lockdiscovery></D:prop>`,
  });
}
