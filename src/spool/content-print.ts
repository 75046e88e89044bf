/**
 * What tells whether a file on the server holds bytes that we once sent: size and SHA-256, of all bytes up to a bound,
 * of samples beyond it. Taken of the payload before it is sent, so that it is known whatever happens to the payload.
 */
import { createHash } from 'node:crypto';
import type { ByteRange } from '../base/index.js';

export interface ContentPrint {
  readonly size: number;
  /** Null in records of an older make: only the size is known. */
  readonly digest: string | null;
}

/** Of a larger content this many samples are looked at, the first and the last bytes among them. */
const SAMPLES = 16;
const SAMPLE_BYTES = 256 * 1024;

/** The same ranges on either side. `wholeBytes`: contents up to this size are looked at whole. */
export async function digestOf(
  size: number,
  wholeBytes: number,
  read: (range: ByteRange) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const range of rangesOf(size, wholeBytes)) {
    let missing = range.length;
    for await (const bytes of await read(range)) {
      hash.update(bytes);
      missing -= bytes.length;
    }
    // Other bytes than the size promised are another content.
    if (missing !== 0) hash.update(`${missing} bytes are missing`);
  }
  return hash.digest('base64');
}

export function sameContent(one: ContentPrint, other: ContentPrint): boolean {
  if (one.size !== other.size) return false;
  return one.digest === null || other.digest === null || one.digest === other.digest;
}

function rangesOf(size: number, wholeBytes: number): ByteRange[] {
  if (size === 0) return [];
  if (size <= Math.max(wholeBytes, SAMPLES * SAMPLE_BYTES)) return [{ offset: 0, length: size }];
  const stepBytes = (size - SAMPLE_BYTES) / (SAMPLES - 1);
  return Array.from({ length: SAMPLES }, (_, at) => ({
    offset: Math.floor(at * stepBytes),
    length: SAMPLE_BYTES,
  }));
}
