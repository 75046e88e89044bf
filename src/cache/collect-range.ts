import type { ByteRange } from '../base/index.js';
import type { ContentStream } from '../drive/index.js';

/** The bytes of `range` from an answer that may begin earlier and end later, in memory; fewer at the content's end. */
export async function collectRange(stream: ContentStream, range: ByteRange): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const end = range.offset + range.length;
  let at = stream.offset;
  for await (const chunk of stream.body) {
    parts.push(chunk.subarray(Math.max(0, range.offset - at), Math.max(0, end - at)));
    at += chunk.length;
    if (at >= end) break;
  }
  return Buffer.concat(parts);
}
