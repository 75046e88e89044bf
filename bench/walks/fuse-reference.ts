/**
 * What FUSE itself costs on a walk: the C server of bench/bridge on libfuse, which has the whole tree in its memory and
 * is asked by the same kernel as ours. It can't be started anew with its tree, so the kernel is made to forget it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { availableOf } from '../bridge/available.js';
import { shell } from '../support/processes.js';
import type { Shape } from './trees.js';

const BACKING = '/dev/shm';
const VALID_SECONDS = 300;
/** For what the kernel tells the servers after its caches were dropped. */
const SETTLE_MS = 500;
/** Of dentries and inodes; pages stay. */
const DROP_NAMES = '2';

export class FuseReference {
  readonly folder: string;
  readonly #backing: string;
  readonly #server: ChildProcess;

  private constructor(folder: string, backing: string, server: ChildProcess) {
    this.folder = folder;
    this.#backing = backing;
    this.#server = server;
  }

  /** With the same tree; null, and said why, where libfuse's headers or a compiler are missing. */
  static async make(directory: string, shape: Shape): Promise<FuseReference | null> {
    const [available] = await availableOf(['reference'], directory);
    if (available === undefined) return null;
    const folder = join(directory, 'reference');
    mkdirSync(folder);
    const backing = mkdtempSync(join(BACKING, 'odbfs-bench-'));
    const { folders, filesPerFolder, flat } = shape;
    const words = [backing, VALID_SECONDS, folder, folders, filesPerFolder, flat].map(String);
    const server = spawn(join(directory, 'memory-fs'), words, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout, 'data');
    return new FuseReference(folder, backing, server);
  }

  /** The kernel knows nothing of it any more (nor of anything else: before all others are mounted anew). */
  async forget(): Promise<void> {
    writeFileSync('/proc/sys/vm/drop_caches', DROP_NAMES);
    await sleep(SETTLE_MS);
  }

  async remove(): Promise<void> {
    const ended = once(this.#server, 'exit');
    await shell(`umount '${this.folder}'`);
    await ended;
    rmSync(this.#backing, { recursive: true });
  }
}
