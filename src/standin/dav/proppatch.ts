/** PROPPATCH (protocol notes 2.5): properties are kept and given back; the Modified column does not move. */
import { extraOf, type Item } from '../store/item.js';
import { type DavCall, plain } from './dav-call.js';
import { DAV, type PropertyList } from './properties.js';
import { multistatusXml, responseXml } from './propfind.js';
import { childOf, MalformedXml, parseXml } from './xml.js';

/** Properties kept per item; more are refused. */
const PROPERTY_LIMIT = 100;

export async function proppatch(call: DavCall): Promise<void> {
  const text = await call.request.text();
  const item = call.names === null ? undefined : call.item;
  if (item === undefined) return call.reply(plain(404, '404 NOT FOUND'));
  call.library.checkWritable(item, call.terms());
  const outcome = applyPropertyUpdate(call, item, text);
  const body = multistatusXml(
    responseXml(call.hrefOf(item), [
      { status: 200, properties: outcome.done },
      { status: 403, properties: outcome.refused },
    ]),
  );
  await call.reply({ status: 207, headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body });
}

/** Live properties, all of `DAV:`, are not the client's to set. */
export function applyPropertyUpdate(
  call: DavCall,
  item: Item,
  text: string,
): { done: PropertyList; refused: PropertyList } {
  const update = parseXml(text);
  if (update.name !== `${DAV}propertyupdate`) throw new MalformedXml('the body is not a propertyupdate');
  const properties = new Map(item.extra?.properties);
  const done: PropertyList = [];
  const refused: PropertyList = [];
  for (const step of update.children) {
    for (const property of childOf(step, `${DAV}prop`)?.children ?? []) {
      const isLive = property.name.startsWith(DAV);
      if (isLive || properties.size >= PROPERTY_LIMIT) refused.push([property.name, '']);
      else if (step.name === `${DAV}remove`) properties.delete(property.name);
      else properties.set(property.name, property.text);
      if (!isLive) done.push([property.name, '']);
    }
  }
  if (done.length > 0) {
    extraOf(item).properties = properties;
    call.library.setTimes(item, {});
  }
  return { done, refused };
}
