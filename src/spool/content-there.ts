/** Whether the server has a content that is known here: its size first, then its bytes, read back. */
import type { DriveItem, DrivePath, RequestOptions } from '../drive/index.js';
import { type ContentPrint, digestOf, sameContent } from './content-print.js';
import type { SendContext } from './send-context.js';

export interface There {
  readonly path: DrivePath;
  readonly item: DriveItem;
}

/** Which of some contents the server has; undefined: none of them. Asks only when the size fits one. */
export async function contentThere(
  { drive, limits }: Pick<SendContext, 'drive' | 'limits'>,
  options: RequestOptions,
  { path, item }: There,
  candidates: readonly ContentPrint[],
): Promise<ContentPrint | undefined> {
  const ofSize = candidates.filter(({ size }) => size === item.size);
  if (item.kind === 'folder' || ofSize.length === 0) return undefined;
  const { version } = item;
  const digest = await digestOf(item.size, limits.comparedBytes, async (range) => {
    return (await drive.read(path, { ...options, version, range })).body;
  });
  return ofSize.find((one) => sameContent(one, { size: item.size, digest }));
}
