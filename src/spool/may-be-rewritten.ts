/** What a server may make of an upload by itself when it writes properties into it (protocol notes 2.7). */
import type { DriveItem } from '../drive/index.js';

const REWRITTEN = /\.(docx?|docm|dotx|xlsx?|xlsm|xlsb|pptx?|pptm|ppsx|vsdx|pdf|html?|aspx|msg)$/i;
/** What it writes into a file makes it larger, and no larger than twice as large and this. */
const MOST_PROPERTIES_BYTES = 64 * 1024;

export function mayBeRewritten(name: string): boolean {
  return REWRITTEN.test(name);
}

/** `size`: before it was. */
export function hasRewrittenSize(size: number, after: Pick<DriveItem, 'size'>): boolean {
  return after.size >= size && after.size <= 2 * size + MOST_PROPERTIES_BYTES;
}
