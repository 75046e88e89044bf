/**
 * What an update was made from, where all of its bytes are here: the same under another version are nobody's edit, but
 * somebody's move of the file, or a time or a property that somebody told the server.
 */
import type { DriveItem, ItemId, Version } from '../drive/index.js';
import { type ContentPrint, digestOf } from './content-print.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';

/** What is read at once. */
const CHUNK_BYTES = 256 * 1024;

/** Empty where that is not known, or is not what the server has now for its size alone. Samples would not be enough. */
export async function basePrints(
  { remote: { content }, limits }: SendContext,
  operation: Operation,
  { item, version }: { readonly item: ItemId | null; readonly version: Version | null },
  { size }: DriveItem,
): Promise<readonly ContentPrint[]> {
  if (item === null || version === null || size > limits.comparedBytes) return [];
  if (!content.isComplete(item, version)) return [];
  const known = content.open(item, version, size);
  try {
    if (known.size !== size) return [];
    const { signal } = optionsOf(operation);
    const digest = await digestOf(size, limits.comparedBytes, async function* ({ offset, length }) {
      for (let at = offset; at < offset + length; at += CHUNK_BYTES)
        yield await known.read(at, Math.min(CHUNK_BYTES, offset + length - at), signal);
    });
    return [{ size, digest }];
  } finally {
    known.close();
  }
}
