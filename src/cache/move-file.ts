import { copyFile, rename, unlink } from 'node:fs/promises';

/** Moves a file over another one; copies it where it comes from another file system. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EXDEV') throw error;
    await copyFile(from, to);
    await unlink(from);
  }
}
