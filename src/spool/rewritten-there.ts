/**
 * Whether what is there is what we sent, in an attempt whose answer was lost, with the properties that the server has written
 * into it since: no edit of anybody's, and no conflict (semantics: Conflict).
 */
import type { RequestOptions } from '../drive/index.js';
import type { There } from './content-there.js';
import { isRewritingOf } from './is-rewriting-of.js';
import { hasRewrittenSize, mayBeRewritten } from './may-be-rewritten.js';
import { collect, filePayload } from './payload-reader.js';
import type { SendContext } from './send-context.js';
import type { OwedContent } from './spool.js';

/** Of larger contents nobody here tells. Both are in memory. */
const MOST_BYTES = 8 * 1024 * 1024;

export async function isRewrittenThere(
  { drive }: Pick<SendContext, 'drive'>,
  options: RequestOptions,
  { path, item }: There,
  { file, size }: Pick<OwedContent, 'file' | 'size'>,
): Promise<boolean> {
  // In nothing anything can be inserted.
  if (size === 0 || item.size > MOST_BYTES) return false;
  if (!mayBeRewritten(item.name) || !hasRewrittenSize(size, item)) return false;
  const theirs = await drive.read(path, { ...options, version: item.version });
  const ours = filePayload(file, size).open({ offset: 0, length: size });
  return isRewritingOf(await collect(ours), await collect(theirs.body)) === true;
}
