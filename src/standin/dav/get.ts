/** GET and HEAD (protocol notes 2.3). Pages are executed, unless the client asks for their source. */
import { serveFile } from '../download.js';
import { escapeXml } from '../encoding.js';
import { serveCombined } from './combined.js';
import { type DavCall, plain } from './dav-call.js';

export async function get(call: DavCall): Promise<void> {
  if (call.names === null) return getSite(call);
  const item = call.item;
  if (item === undefined) return call.reply(plain(404, '404 NOT FOUND'));
  if (item.kind === 'folder') return call.reply(page(call.site.title, item.name));
  const { switches } = call.world;
  if (
    switches.executePages &&
    /\.aspx$/i.test(item.name) &&
    call.header('translate')?.toLowerCase() !== 'f'
  ) {
    return call.reply(page(item.name, 'This page was executed.'));
  }
  if (switches.msdavext && call.header('x-msdavext')?.toUpperCase() === 'PROPFIND')
    return serveCombined(call, item);
  const { world, request, site, view } = call;
  await serveFile({ world, request, site, view, file: item, honoursRange: switches.ranges === 'honour' });
}

/** Where browsers land after signing in. */
function getSite(call: DavCall): Promise<void> {
  if (call.isElsewhere && !/\/_layouts\/15\/(onedrive|start|viewlsts)\.aspx$/i.test(call.request.path)) {
    return call.reply(plain(404, '404 NOT FOUND'));
  }
  return call.reply(page(call.site.title, `Signed in as ${call.session.user.upn}`));
}

function page(title: string, text: string) {
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'private,max-age=0' },
    body: `<!DOCTYPE html><html><head><title>${escapeXml(title)}</title></head><body><p>${escapeXml(text)}</p></body></html>`,
  };
}
