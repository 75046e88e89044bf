import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteRange } from '../base/index.js';
import type { Payload } from '../drive/index.js';

/** What is read at once. */
const CHUNK_BYTES = 256 * 1024;
/** Files up to this size are read without leaving the thread. */
const SMALL_BYTES = 64 * 1024;

/** A payload file as the drive reads it: as often as it likes, never more than a chunk in memory. */
export function payloadOf(file: string, size: number): Payload {
  return { size, open: (range) => bytesOf(file, range) };
}

async function* bytesOf(file: string, { offset, length }: ByteRange): AsyncIterable<Uint8Array> {
  if (length === 0) return;
  if (length > CHUNK_BYTES) {
    yield* createReadStream(file, { start: offset, end: offset + length - 1, highWaterMark: CHUNK_BYTES });
    return;
  }
  yield length <= SMALL_BYTES ? readSmall(file, offset, length) : await readChunk(file, offset, length);
}

/** What was just written is in memory: going to another thread for it would take many times as long. */
function readSmall(file: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}

async function readChunk(file: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** True when `content` is byte for byte what the file holds. */
export async function holdsSame(file: string, content: AsyncIterable<Uint8Array>): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    let offset = 0;
    for await (const theirs of content) {
      const ours = Buffer.allocUnsafe(theirs.length);
      const { bytesRead } = await handle.read(ours, 0, theirs.length, offset);
      if (bytesRead !== theirs.length || ours.compare(theirs) !== 0) return false;
      offset += theirs.length;
    }
    return (await handle.stat()).size === offset;
  } finally {
    await handle.close();
  }
}
