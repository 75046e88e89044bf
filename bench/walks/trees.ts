/** The tree that is walked: many folders of some files, and one folder of many; on the server and on a local disk. */
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { StandinClient } from '../support/standin-client.js';

export interface Shape {
  readonly folders: number;
  readonly filesPerFolder: number;
  /** Entries of the one large folder. */
  readonly flat: number;
}

/** Where the large folder is, below the mount and below the local copy. */
export const FLAT = 'flat/folder-000000';
const BYTES = 100;

export function itemsIn({ folders, filesPerFolder, flat }: Shape): number {
  return folders * (filesPerFolder + 1) + flat;
}

export async function seed(server: StandinClient, { folders, filesPerFolder, flat }: Shape): Promise<void> {
  await server.command('seed', { fill: { under: 'tree', folders, filesPerFolder, size: BYTES } });
  await server.command('seed', { fill: { under: 'flat', folders: 1, filesPerFolder: flat, size: BYTES } });
}

export function makeLocalCopy(directory: string, { folders, filesPerFolder, flat }: Shape): void {
  for (let folder = 0; folder < folders; folder += 1) {
    fillFolder(join(directory, 'tree', `folder-${String(folder).padStart(6, '0')}`), filesPerFolder);
  }
  fillFolder(join(directory, FLAT), flat);
}

function fillFolder(path: string, files: number): void {
  mkdirSync(path, { recursive: true });
  for (let file = 0; file < files; file += 1) {
    const descriptor = openSync(join(path, `file-${String(file).padStart(6, '0')}.bin`), 'w');
    ftruncateSync(descriptor, BYTES);
    closeSync(descriptor);
  }
}
