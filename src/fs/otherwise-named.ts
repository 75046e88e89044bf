import type { DriveItem } from '../drive/index.js';

/**
 * Somebody renamed the file, or told the server a property of it: the version is another one, and the content what it
 * was. The time that was set here holds, also where the server keeps one of its own.
 */
export function isOtherwiseNamed(before: DriveItem, item: DriveItem): boolean {
  const isSameContent = before.size === item.size && before.modifiedMs === item.modifiedMs;
  return item.kind === 'file' && before.version !== item.version && isSameContent;
}
