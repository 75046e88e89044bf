/**
 * What the walks are compared with: an ext4 of our own in an image file, so that it can be mounted anew as the mount is.
 * Then it knows no names and no inodes either, and reads them from blocks that are in memory, as ours does from a
 * database that is. Dropping the machine's caches would do the same to everybody's.
 */
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from '../support/processes.js';
import { itemsIn, makeLocalCopy, type Shape } from './trees.js';

const IMAGE_BYTES = 2 ** 30;
const BLOCK_BYTES = 4096;
const SPARE_INODES = 1000;

export class LocalDisk {
  readonly folder: string;
  readonly #image: string;

  private constructor(directory: string) {
    this.#image = join(directory, 'ext4.image');
    this.folder = join(directory, 'local');
  }

  /** With a copy of the tree. Needs root, for the loop device. */
  static async make(directory: string, shape: Shape): Promise<LocalDisk> {
    const disk = new LocalDisk(directory);
    mkdirSync(disk.folder);
    writeFileSync(disk.#image, '');
    truncateSync(disk.#image, IMAGE_BYTES + itemsIn(shape) * BLOCK_BYTES);
    await shell(`mkfs.ext4 -q -E lazy_itable_init=0 -N ${itemsIn(shape) + SPARE_INODES} '${disk.#image}'`);
    await disk.#mount();
    makeLocalCopy(disk.folder, shape);
    return disk;
  }

  async mountAnew(): Promise<void> {
    await shell(`umount '${this.folder}'`);
    await this.#mount();
  }

  async remove(): Promise<void> {
    await shell(`umount '${this.folder}'`);
    rmSync(this.#image);
  }

  async #mount(): Promise<void> {
    await shell(`mount -o loop '${this.#image}' '${this.folder}'`);
  }
}
