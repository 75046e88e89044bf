import { statfsSync } from 'node:fs';
import {
  DEFAULT_CACHE_SHARE_OF_DISK,
  LARGEST_DEFAULT_CACHE_BYTES,
  LARGEST_FREE_FLOOR_BYTES,
  type MountOptions,
} from './config.js';

const FREE_SHARE_OF_DISK = 0.02;

/** How large the content cache in `folder` may become: as configured, else a share of the disk, within reason. */
export function cacheLimit(options: Pick<MountOptions, 'cacheLimitBytes'>, folder: string): number {
  if (options.cacheLimitBytes !== null) return options.cacheLimitBytes;
  const { blocks, bsize } = statfsSync(folder);
  return Math.min(LARGEST_DEFAULT_CACHE_BYTES, Math.floor(blocks * bsize * DEFAULT_CACHE_SHARE_OF_DISK));
}

/** The cache leaves so much of the disk to others, however large it may become. */
export function freeSpaceFloor(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return Math.min(LARGEST_FREE_FLOOR_BYTES, Math.floor(blocks * bsize * FREE_SHARE_OF_DISK));
}
