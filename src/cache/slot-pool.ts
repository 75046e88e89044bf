/**
 * The files of the content cache, by number. Emptied files are kept and used again: where many files were removed,
 * ext4 takes about a millisecond to make a new one (measured).
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SlotFile } from './slot-file.js';

const FILES_PER_FOLDER = 1024;

export class SlotPool {
  readonly #directory: string;
  readonly #mostSpare: number;
  readonly #spare: number[] = [];
  readonly #folders = new Set<number>();
  #next: number;

  /** `used`: the numbers that hold something. Every other file here is spare. */
  constructor(directory: string, used: readonly number[], mostSpare: number) {
    this.#directory = directory;
    this.#mostSpare = mostSpare;
    const taken = new Set(used);
    let last = 0;
    for (const slot of taken) last = Math.max(last, slot);
    for (const slot of existingSlots(directory)) {
      last = Math.max(last, slot);
      if (!taken.has(slot)) void this.release(slot);
    }
    this.#next = last + 1;
  }

  take(): SlotFile {
    return this.file(this.#spare.pop() ?? this.#next++);
  }

  file(slot: number): SlotFile {
    const folder = Math.floor(slot / FILES_PER_FOLDER);
    if (!this.#folders.has(folder)) {
      mkdirSync(join(this.#directory, String(folder)), { recursive: true, mode: 0o700 });
      this.#folders.add(folder);
    }
    return new SlotFile(slot, this.pathOf(slot));
  }

  pathOf(slot: number): string {
    return slotPath(this.#directory, slot);
  }

  /** The file's content is wanted no more. Resolves when the disk has its space back. */
  async release(slot: number): Promise<void> {
    const path = this.pathOf(slot);
    try {
      if (this.#spare.length >= this.#mostSpare) return await unlink(path);
      await truncate(path, 0);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') return;
    }
    this.#spare.push(slot);
  }
}

export function slotPath(directory: string, slot: number): string {
  return join(directory, String(Math.floor(slot / FILES_PER_FOLDER)), String(slot));
}

function* existingSlots(directory: string): Iterable<number> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const folder of readdirSync(directory)) {
    if (!/^\d+$/.test(folder)) continue;
    for (const file of readdirSync(join(directory, folder))) if (/^\d+$/.test(file)) yield Number(file);
  }
}
