/**
 * PUT (protocol notes 2.4): one step, all or nothing. An empty body is answered with 200 and a page and does nothing,
 * as the service does.
 */
import type { Content } from '../store/content.js';
import { TooManyBytes } from '../store/content-vault.js';
import { BadCombinedBody, COMBINED_TYPE, splitCombined } from './combined.js';
import { type DavCall, plain } from './dav-call.js';
import { applyPropertyUpdate } from './proppatch.js';

export async function put(call: DavCall): Promise<void> {
  if (call.names === null) return call.reply(plain(405, '405 METHOD NOT ALLOWED'));
  const { switches } = call.world;
  const length = call.header('content-length');
  if (length === undefined && switches.chunkedPut === 'refuse')
    return call.reply(plain(411, '411 LENGTH REQUIRED'));
  if (length === '0' && switches.emptyPut === 'ignore') return call.reply(nothingDone());
  if (Number(length ?? 0) > switches.davMaxPutBytes)
    return call.reply(plain(413, '413 REQUEST ENTITY TOO LARGE'));
  const terms = { ...call.terms(), writer: call.session.user.upn };
  call.library.checkPut(call.names, terms, Number(length ?? 0));
  const upload = await receive(call);
  if (upload === 'too-large') return call.reply(plain(413, '413 REQUEST ENTITY TOO LARGE'));
  if (upload === 'malformed') return call.reply(plain(400, '400 BAD REQUEST'));
  const { file, created } = call.library.putFile(call.names, upload.content, terms);
  if (upload.propertyUpdate !== null) applyPropertyUpdate(call, file, upload.propertyUpdate);
  await call.reply({
    status: created ? 201 : 200,
    headers: {
      'Cache-Control': 'private,max-age=0',
      'Accept-Ranges': 'bytes',
      ETag: call.library.etagOf(file),
      'Content-Length': 0,
    },
  });
}

interface Upload {
  readonly content: Content;
  readonly propertyUpdate: string | null;
}

async function receive(call: DavCall): Promise<Upload | 'too-large' | 'malformed'> {
  const { vault, switches } = call.world;
  const combined = switches.msdavext && call.header('content-type')?.startsWith(COMBINED_TYPE) === true;
  try {
    const { xml, content } = combined
      ? await splitCombined(call.request.body)
      : { xml: null, content: call.request.body };
    return { content: await vault.receive(content, switches.davMaxPutBytes), propertyUpdate: xml };
  } catch (error) {
    if (error instanceof TooManyBytes) return 'too-large';
    if (error instanceof BadCombinedBody) return 'malformed';
    throw error;
  }
}

/** What the service says to an empty PUT: fine, in HTML, chunked. The file does not come to be (notes 2.4). */
function nothingDone() {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<html><head><title>OK</title></head><body></body></html>');
  }
  return { status: 200, headers: { 'Content-Type': 'text/html; charset=windows-1252' }, body: body() };
}
