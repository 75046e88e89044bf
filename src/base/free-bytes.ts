import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

/** What we may still write on the disk of a folder: what is kept for root does not count. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** The same at once, where nobody waits but the caller. */
export function freeBytesNow(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
