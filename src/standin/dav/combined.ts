/**
 * The optional `multipart/MSDAVEXTPrefixEncoded` of MS-WDV 2.2.1: properties and content in one GET or PUT, each part
 * behind its length in 16 hexadecimal digits.
 */
import type { FileItem } from '../store/item.js';
import type { DavCall } from './dav-call.js';
import { listedProperties } from './properties.js';
import { multistatusXml, responseXml } from './propfind.js';

const PREFIX_DIGITS = 16;
/** Properties before the content of a combined PUT. */
const PROPERTIES_LIMIT_BYTES = 64 * 1024;
export const COMBINED_TYPE = 'multipart/MSDAVEXTPrefixEncoded';

/** The body of a combined PUT was not laid out as it should be. */
export class BadCombinedBody extends Error {
  override readonly name = 'BadCombinedBody';
}

export async function serveCombined(call: DavCall, file: FileItem): Promise<void> {
  const xml = Buffer.from(
    multistatusXml(
      responseXml(call.hrefOf(file), [{ status: 200, properties: listedProperties(call, file) }]),
    ),
  );
  const { content } = file;
  content.retain();
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([prefix(xml.length), xml, prefix(content.size)]);
    yield* content.read(0, content.size);
  }
  try {
    const length = xml.length + content.size + 2 * PREFIX_DIGITS;
    const headers = {
      'Content-Type': COMBINED_TYPE,
      ETag: call.library.etagOf(file),
      'Content-Length': length,
    };
    await call.reply({ status: 200, headers, body: body() });
  } finally {
    content.release();
  }
}

/** Splits the body of a combined PUT: the property update, and the bytes that follow it. */
export async function splitCombined(
  body: AsyncIterable<Uint8Array>,
): Promise<{ xml: string; content: AsyncIterable<Uint8Array> }> {
  const pieces = body[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const need = async (count: number) => {
    if (count > PROPERTIES_LIMIT_BYTES) throw new BadCombinedBody('the property part is too large');
    while (held.length < count) {
      const next = await pieces.next();
      if (next.done === true) throw new BadCombinedBody('the body ends before its parts do');
      held = Buffer.concat([held, next.value]);
    }
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  const xml = await need(lengthOf(await need(PREFIX_DIGITS)));
  const expected = lengthOf(await need(PREFIX_DIGITS));
  return { xml: xml.toString('utf8'), content: rest(held, pieces, expected) };
}

async function* rest(
  first: Buffer,
  pieces: AsyncIterator<Uint8Array>,
  expected: number,
): AsyncGenerator<Uint8Array> {
  let seen = first.length;
  if (first.length > 0) yield first;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    seen += next.value.length;
    yield next.value;
  }
  if (seen !== expected) throw new BadCombinedBody('the content is not as long as its prefix says');
}

function prefix(length: number): Buffer {
  return Buffer.from(length.toString(16).padStart(PREFIX_DIGITS, '0'));
}

function lengthOf(digits: Buffer): number {
  const text = digits.toString('latin1');
  if (!/^[0-9a-f]{16}$/i.test(text)) throw new BadCombinedBody('a part does not begin with its length');
  return Number.parseInt(text, 16);
}
