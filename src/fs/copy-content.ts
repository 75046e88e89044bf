/**
 * All bytes of a content into a file, whether they are here or have to come first. It may be larger than what the cache
 * may hold of it: then it is read through piece by piece, and what was read goes again.
 */
import { write } from 'node:fs';
import { promisify } from 'node:util';
import type { CachedContent } from '../cache/index.js';
import { copyDescriptor } from './open-file.js';

const writeAt = promisify(write);
const PORTION_BYTES = 1024 * 1024;

/** Resolves with how many there are; writes to `descriptor` from its beginning on. */
export async function copyContent(
  content: CachedContent,
  descriptor: number,
  signal: AbortSignal,
): Promise<number> {
  if (content.complete) {
    await copyDescriptor(content.descriptor, descriptor);
    return content.size;
  }
  let at = 0;
  while (at < content.size) {
    const bytes = await content.read(at, PORTION_BYTES, signal);
    if (bytes.length === 0) break;
    await writeAll(descriptor, bytes, at);
    at += bytes.length;
  }
  return at;
}

async function writeAll(descriptor: number, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeAt(descriptor, bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
