/**
 * The files that hold owed bytes. A payload is named for its node and a number that never comes again; while base
 * content is still being copied into it, it is called `.seed`, and then holds nothing that the server has not.
 * What nobody knows of is moved to quarantine, never deleted. It knows nothing of entries and their states.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, freeBytes } from '../base/index.js';
import { codeOf } from './disk-error.js';
import { SparePayloads } from './spare-payloads.js';
import type { Ino } from './spool.js';

const SEED = '.seed';
/** How long an answer about free space is believed. */
const FREE_SPACE_VALID_MS = 500;
/** Made in one go above the floor, so that not every update has to ask for room. */
const ROOM_FOR_MORE_BYTES = 16 * 1024 * 1024;

export class PayloadStore {
  readonly folder: string;
  readonly quarantineFolder: string;
  readonly #clock: Clock;
  readonly #spares: SparePayloads;
  readonly #freeSpaceFloor: number;
  readonly #makeRoom: (bytes: number) => Promise<boolean>;
  #free: { readonly bytes: number; readonly atMs: number } | null = null;

  /** `room.make`: has so many bytes fit on the disk, if somebody can do without theirs. */
  constructor(
    stateDir: string,
    clock: Clock,
    room: { readonly floorBytes: number; readonly make: (bytes: number) => Promise<boolean> },
    mostSpares: number,
  ) {
    this.folder = join(stateDir, 'payloads');
    this.quarantineFolder = join(stateDir, 'quarantine');
    this.#clock = clock;
    this.#spares = new SparePayloads(join(stateDir, 'spares'), clock, mostSpares);
    this.#freeSpaceFloor = room.floorBytes;
    this.#makeRoom = room.make;
  }

  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await mkdir(this.quarantineFolder, { recursive: true, mode: 0o700 });
    await this.#spares.open(this.folder);
  }

  close(): Promise<void> {
    return this.#spares.close();
  }

  /** The name of a payload that is not there yet. */
  pathFor(ino: Ino, generation: number): string {
    return join(this.folder, `${ino}-${generation}`);
  }

  create(file: string, content: Uint8Array): void {
    if (content.length === 0 && this.#spares.take(file)) return;
    const before = this.#clock.monotonic();
    writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
    this.#spares.made(this.#clock.monotonic() - before);
  }

  createSeed(file: string): number {
    if (this.#spares.take(file + SEED)) return this.openForUpdate(file + SEED);
    return openSync(file + SEED, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  }

  /** The seed has become a payload: call after the journal knows it. */
  adoptSeed(file: string): void {
    renameSync(file + SEED, file);
  }

  openForUpdate(file: string): number {
    return openSync(file, constants.O_RDWR);
  }

  /** Deletes a payload that nobody owes any more; a name that is gone already was taken over by the cache. */
  discard(file: string): void {
    remove(file);
  }

  discardSeed(file: string): void {
    remove(file + SEED);
  }

  /** Null when it is not there. */
  sizeOf(file: string): number | null {
    return statSync(file, { throwIfNoEntry: false })?.size ?? null;
  }

  /** True when the disk has more than the floor free, or can be made to have it. */
  async hasSpace(): Promise<boolean> {
    const now = this.#clock.monotonic();
    const isOld = this.#free === null || now - this.#free.atMs > FREE_SPACE_VALID_MS;
    if (isOld || !this.#isAboveFloor()) await this.#look();
    if (this.#isAboveFloor()) return true;
    if (await this.#makeRoom(this.#freeSpaceFloor + ROOM_FOR_MORE_BYTES)) await this.#look();
    return this.#isAboveFloor();
  }

  async #look(): Promise<void> {
    const bytes = await freeBytes(this.folder);
    this.#free = { bytes, atMs: this.#clock.monotonic() };
  }

  #isAboveFloor(): boolean {
    return this.#free !== null && this.#free.bytes > this.#freeSpaceFloor;
  }

  /** A crash came between the journal's knowing a payload and its getting its name. */
  finishSeed(file: string): boolean {
    if (this.sizeOf(file + SEED) === null) return false;
    this.adoptSeed(file);
    return true;
  }

  async list(): Promise<string[]> {
    return (await readdir(this.folder)).map((name) => join(this.folder, name));
  }

  async quarantined(): Promise<string[]> {
    return (await readdir(this.quarantineFolder)).map((name) => join(this.quarantineFolder, name));
  }

  /**
   * What to do with a payload that the journal does not know: one that is empty, or was still being seeded, holds
   * nothing of the user's. Resolves with where it is kept, or null.
   */
  async setAside(file: string): Promise<string | null> {
    if (file.endsWith(SEED) || this.sizeOf(file) === 0) {
      await unlink(file);
      return null;
    }
    const kept = join(this.quarantineFolder, `${basename(file)}-${this.#clock.now()}`);
    await rename(file, kept);
    return kept;
  }
}

export function sizeOfDescriptor(descriptor: number): number {
  return fstatSync(descriptor).size;
}

export function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (error) {
    if (codeOf(error) !== 'EBADF') throw error;
  }
}

/** Most are gone already, and an exception costs more than a look. */
function remove(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
  try {
    unlinkSync(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
