/** A small file system in memory of its own, to be filled to the last byte; only root may mount one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024);

/** Why there is none; false where there can be one. */
export const noSmallDisk: string | false =
  process.getuid?.() === 0 ? false : 'only root may mount a file system of its own';

export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'odbfs-small-disk-'));

  constructor(bytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'odbfs-test', this.folder]);
  }

  /** Not a byte is left for anybody. */
  fill(): void {
    const descriptor = openSync(this.#filler, 'a', 0o600);
    try {
      for (let length = CHUNK.length; length > 0; ) {
        try {
          writeSync(descriptor, CHUNK, 0, length);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ENOSPC') throw error;
          length >>= 1;
        }
      }
    } finally {
      closeSync(descriptor);
    }
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
