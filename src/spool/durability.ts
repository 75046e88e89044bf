/**
 * From "survives `kill -9`" to "survives a power cut", without the event loop ever waiting for the disk: payloads,
 * their folder and the write-ahead log are synced by the thread pool, callers that wait for the same are served by one
 * sync, and once a second what was committed is synced as a group. Checkpoints run in a worker.
 */
import { spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock, Log } from '../base/index.js';
import { codeOf } from './disk-error.js';
import type { JournalReserve } from './journal-reserve.js';
import type { Ino } from './spool.js';

/** With more payloads than this in a group, the whole file system is synced at once: cheaper than one by one. */
const MOST_SINGLE_SYNCS = 32;
const GROUP_SYNC_MS = 1000;
/** A write-ahead log longer than this is checkpointed. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;
/**
 * As long as somebody writes the log stays long, whatever was checkpointed; and the worker that does it costs as much as
 * some ten uploads.
 */
const CHECKPOINT_PAUSE_MS = 5000;

/** syncfs(2) of the file system that the descriptor's file is on, in the thread pool. */
export type SyncFileSystem = (descriptor: number) => Promise<void>;

export interface DurabilityOptions {
  readonly journalPath: string;
  readonly payloadFolder: string;
  readonly reserve: JournalReserve;
  /** Absent: coreutils' `sync` does it, which the event loop waits for while that process is made. */
  readonly syncFileSystem?: SyncFileSystem | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export class Durability {
  readonly #options: DurabilityOptions;
  #log!: FileHandle;
  #folder!: FileHandle;
  readonly #dirtyPayloads = new Map<Ino, string>();
  #running: Promise<void> | null = null;
  #following: Promise<void> | null = null;
  #cancelGroup: (() => void) | null = null;
  #checkpointing: Promise<void> | null = null;
  #checkpointedAtMs = Number.NEGATIVE_INFINITY;
  #background: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: DurabilityOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#log = await open(`${this.#options.journalPath}-wal`, 'r');
    this.#folder = await open(this.#options.payloadFolder, 'r');
    await this.#options.reserve.fill();
    await syncFile(dirname(this.#options.journalPath), 'whole');
  }

  /** The journal changed; `payload`: so did this node's bytes. Both are synced within a second. */
  changed(payload: { readonly ino: Ino; readonly file: string } | null = null): void {
    if (payload !== null) this.#dirtyPayloads.set(payload.ino, payload.file);
    if (this.#isClosed) return;
    this.#cancelGroup ??= this.#options.clock.after(GROUP_SYNC_MS, () => {
      this.#cancelGroup = null;
      this.#background = this.#background.then(() => this.#syncGroup());
    });
  }

  /** The journal and some bytes, as they are now, survive a power cut: those of one node, all, or none but the journal. */
  async sync(what: { readonly ino: Ino; readonly file: string } | 'all' | 'journal' = 'all'): Promise<void> {
    if (what === 'all') return this.#syncAll();
    if (what === 'journal') return this.#syncJournal();
    await this.#orDirtyAgain([[what.ino, what.file]], async () => {
      await syncFile(what.file);
      await this.#syncJournal();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelGroup?.();
    await this.#background;
    await this.#syncAll();
    await this.#checkpointing;
    await this.#log.close();
    await this.#folder.close();
  }

  async #syncGroup(): Promise<void> {
    try {
      await this.#syncAll();
      await this.#checkpointIfLong();
      await this.#options.reserve.fill();
    } catch (error) {
      this.#options.log.error({ error }, 'what was written here could not be synced to the disk');
    }
  }

  async #syncAll(): Promise<void> {
    const payloads = [...this.#dirtyPayloads];
    await this.#orDirtyAgain(payloads, async () => {
      if (payloads.length > MOST_SINGLE_SYNCS && (await this.#syncFileSystem())) return;
      await Promise.all(payloads.map(([, file]) => syncFile(file)));
      await this.#syncJournal();
    });
  }

  /** False when it could not be done that way. */
  async #syncFileSystem(): Promise<boolean> {
    const { payloadFolder, syncFileSystem } = this.#options;
    if (syncFileSystem === undefined) return syncByProgram(payloadFolder);
    try {
      await syncFileSystem(this.#folder.fd);
      return true;
    } catch {
      return false;
    }
  }

  /** What could not be synced counts for the next attempt. */
  async #orDirtyAgain(
    payloads: readonly (readonly [Ino, string])[],
    sync: () => Promise<void>,
  ): Promise<void> {
    for (const [ino] of payloads) this.#dirtyPayloads.delete(ino);
    try {
      await sync();
    } catch (error) {
      for (const [ino, file] of payloads)
        if (!this.#dirtyPayloads.has(ino)) this.#dirtyPayloads.set(ino, file);
      throw error;
    }
  }

  /** One sync at a time; whoever comes while one runs needs the next, which all of them share. */
  #syncJournal(): Promise<void> {
    if (this.#running === null) return this.#startSync();
    this.#following ??= this.#running.then(
      () => this.#startSync(),
      () => this.#startSync(),
    );
    return this.#following;
  }

  #startSync(): Promise<void> {
    this.#following = null;
    this.#running = this.#syncLog().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #syncLog(): Promise<void> {
    await this.#folder.sync();
    await this.#log.datasync();
  }

  async #checkpointIfLong(): Promise<void> {
    if (this.#checkpointing !== null) return;
    const { size } = await this.#log.stat();
    if (size < CHECKPOINT_BYTES) return;
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#checkpointedAtMs < CHECKPOINT_PAUSE_MS) {
      // Looked at again with the next group, also where nothing is written any more.
      this.changed();
      return;
    }
    this.#checkpointedAtMs = nowMs;
    this.#checkpointing = checkpoint(this.#options.journalPath).finally(() => {
      this.#checkpointing = null;
    });
    await this.#checkpointing;
  }
}

/** A payload that is gone was uploaded, or removed: nothing of it is owed. */
async function syncFile(file: string, what: 'data' | 'whole' = 'data'): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    await (what === 'data' ? handle.datasync() : handle.sync());
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  } finally {
    await handle?.close();
  }
}

/** syncfs(2) by coreutils. False when it could not be done that way. */
async function syncByProgram(folder: string): Promise<boolean> {
  await stat(folder);
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', folder], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

function checkpoint(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), {
      workerData: { path },
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}
