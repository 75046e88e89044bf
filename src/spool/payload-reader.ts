import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteRange } from '../base/index.js';
import type { Payload } from '../drive/index.js';
import { type ContentPrint, digestOf } from './content-print.js';

/** What is read at once. */
const CHUNK_BYTES = 256 * 1024;
/** Files up to this size are read without leaving the thread. */
const SMALL_BYTES = 64 * 1024;

/** What is to be sent, and what tells it from all other contents. */
export interface PrintedPayload {
  readonly payload: Payload;
  readonly print: ContentPrint;
}

/**
 * A payload file as the drive reads it: as often as it likes, never more than a chunk in memory. Small ones are read
 * once for both purposes.
 */
export async function printedPayload(
  file: string,
  size: number,
  wholeBytes: number,
): Promise<PrintedPayload> {
  const inFile = filePayload(file, size);
  const isLarge = size > CHUNK_BYTES;
  const payload = isLarge ? inFile : fromMemory(await collect(inFile.open({ offset: 0, length: size })));
  const digest = await digestOf(size, wholeBytes, (range) => payload.open(range));
  return { payload, print: { size, digest } };
}

/** A file's content as the drive reads it. */
export function filePayload(file: string, size: number): Payload {
  return { size, open: (range) => bytesOf(file, range) };
}

function fromMemory(bytes: Uint8Array): Payload {
  return {
    size: bytes.length,
    async *open({ offset, length }) {
      if (length > 0) yield bytes.subarray(offset, offset + length);
    },
  };
}

/** In memory: for what is small. */
export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  const [only, ...more] = pieces;
  if (only === undefined || more.length > 0) return Buffer.concat(pieces);
  return Buffer.from(only.buffer, only.byteOffset, only.length);
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
