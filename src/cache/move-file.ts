import { renameSync } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';

/**
 * Moves a file over another one; copies it where it comes from another file system. A rename is done here: handing it
 * to another thread and back takes many times as long.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EXDEV') throw error;
    await copyFile(from, to);
    await unlink(from);
  }
}
