/**
 * Whether what is at a path now is what an attempt of ours sent that got no answer: read back and compared, for somebody
 * else's file may have the same size. Only where the attempts that followed were refused.
 */
import { DriveError, type DriveItem, type DrivePath, type RequestOptions } from '../../drive/index.js';
import type { RequestBody } from '../http/transport.js';
import { read } from './read.js';
import type { Remote } from './remote.js';

export async function hasSameBytes(
  remote: Remote,
  path: DrivePath,
  { kind, size, version }: DriveItem,
  sent: RequestBody,
  options: RequestOptions,
): Promise<boolean> {
  if (kind !== 'file' || size !== sent.size) return false;
  try {
    const { signal, lane } = options;
    const { body } = await read(remote, path, { signal, lane, version });
    return await isSame(body, sent.open());
  } catch (error) {
    if (error instanceof DriveError && (error.kind === 'changed' || error.kind === 'absent')) return false;
    throw error;
  }
}

/** Neither is held as a whole. */
async function isSame(one: AsyncIterable<Uint8Array>, other: AsyncIterable<Uint8Array>): Promise<boolean> {
  const rest = other[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array();
  try {
    for await (const bytes of one) {
      for (let at = 0; at < bytes.length; ) {
        if (held.length === 0) held = await nextOf(rest);
        const length = Math.min(held.length, bytes.length - at);
        const piece = bytes.subarray(at, at + length);
        if (length === 0 || Buffer.compare(piece, held.subarray(0, length)) !== 0) return false;
        held = held.subarray(length);
        at += length;
      }
    }
    return held.length === 0 && (await nextOf(rest)).length === 0;
  } finally {
    await rest.return?.();
  }
}

/** Empty at the end only. */
async function nextOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return new Uint8Array();
    if (value.length > 0) return value;
  }
}
