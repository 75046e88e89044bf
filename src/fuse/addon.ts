/**
 * The native addon: what it promises (native-build/src holds the how), and finding it: prebuilt for this machine, else
 * built before, else built now with the C compiler. Results that are numbers are 0 or more, or a negative errno.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtAddon } from './built-addon.js';

/** What `onMessages` is called with, and `next` gives, instead of a slot: no more will come, or not in this turn. */
export const ENDED = -1;
export const NO_MESSAGE = -2;
/** Why `onWoken` is called: something that was waited for is done, or writes were done that `notes()` tells of. */
export const Woken = { BY_PROGRESS: 0, BY_WRITES: 1 } as const;
/** Words of the shared status array. */
export const StatusWord = { NOTES: 0, WRITES: 1, ERROR: 2 } as const;
export const STATUS_WORDS = 4;

/** One connection to the kernel. */
export interface NativeSession {
  start(): void;
  /** Messages wait in the kernel until `start()`. */
  pause(): void;
  /** While `onMessages` is called: the slot of the message behind the one it has just handled. */
  next(): number;
  /** The message just received stays in its slot until `free`; else until `next`, or until `onMessages` returns. */
  hold(slot: number): void;
  free(slot: number): void;
  /** Sends the first `length` bytes of the arena, then `payload`. */
  reply(length: number, payload?: Uint8Array): number;
  /** From now on READ and WRITE on `handle` are answered natively. */
  bind(handle: number, descriptor: number): number;
  /** 0: nothing uses the descriptor. Else a token that `drained()` will give when that is so. */
  unbind(handle: number): number;
  drained(): number[];
  /** Puts handle, offset, length, handle, ... of writes that were answered natively there; how many numbers. */
  notes(into: Float64Array): number;
  /** A held WRITE on a bound handle is to be done now; its slot is freed natively. */
  submit(slot: number): number;
  /** Set-uid bits may be there again: see to them before the next native write. */
  privilegesChanged(): void;
  /** From now on GETXATTR is answered natively, by that errno, but for names that begin so. */
  keepOnlyAttributes(prefix: string, errno: number): void;
  notify(message: Uint8Array): number;
  /** On this thread, before anything that is answered after it: only what can wait for nothing of ours. */
  notifyNow(message: Uint8Array): number;
  notified(): number;
  notifierBusyMs(): number;
  openBacking(descriptor: number): number;
  closeBacking(id: number): number;
  close(): void;
}

export interface Addon {
  openDevice(): number;
  mount(source: string, target: string, type: string, flags: number, options: string): Promise<number>;
  unmount(target: string, flags: number): Promise<number>;
  socketPair(): [number, number];
  receiveDescriptor(socket: number): Promise<number>;
  closeDescriptor(descriptor: number): void;
  /** To a Unix datagram socket; "@" begins an abstract name. */
  datagram(path: string, bytes: Uint8Array): void;
  /** No core dumps, and no other process of this user may read our memory. */
  forbidDumps(): void;
  /** Where data, or a hole, begins at or behind the offset (lseek(2)). */
  seek(descriptor: number, offset: number, forHole: boolean): number;
  /** The bytes there are zeros from then on, and take no room on the disk. The descriptor stays open until that is done. */
  punchHole(descriptor: number, offset: number, length: number): Promise<void>;
  /** All of the file system that the descriptor's file is on (syncfs(2)). The descriptor stays open until that is done. */
  syncFileSystem(descriptor: number): Promise<void>;
  /** In the thread pool, soon: what the allocator holds and nobody uses goes back to the system. */
  releaseMemory(): void;
  /** Writes "1" to the file that is there now after the timeout, whatever hangs by then, unless the returned function is called. */
  armWatchdog(abortPath: string, timeoutMs: number): () => void;
  attach(
    device: number,
    pool: Uint8Array,
    slotSize: number,
    arena: Uint8Array,
    status: Int32Array,
    workers: number,
    onMessages: (slot: number) => void,
    onWoken: (reason: number) => void,
  ): NativeSession;
}

const require = createRequire(import.meta.url);

interface LoadedAddon {
  readonly addon: Addon;
  readonly path: string;
}

let loaded: LoadedAddon | null = null;

/** Throws with one clear line when the addon can neither be loaded nor built. */
export function loadAddon(): Addon {
  return load().addon;
}

/** The program that comes with it (native-build/guard). */
export function guardProgram(): string {
  return join(dirname(load().path), 'odbfs_guard');
}

function load(): LoadedAddon {
  loaded ??= findAddon();
  return loaded;
}

function loadFrom(path: string): LoadedAddon {
  return { addon: require(path) as Addon, path };
}

function findAddon(): LoadedAddon {
  const chosen = process.env.ODBFS_FUSE_ADDON;
  if (chosen !== undefined) return loadFrom(chosen);
  if (process.platform !== 'linux')
    throw new Error(`the native bridge is for Linux, not ${process.platform}`);
  const folder = join(packageRoot(), 'native-build');
  return prebuiltAddon(folder) ?? loadFrom(builtAddon(folder, target()));
}

/** Null as well when it is damaged or another machine's: then one is built, as if there were none. */
function prebuiltAddon(folder: string): LoadedAddon | null {
  const path = join(folder, 'prebuilt', target(), 'odbfs_fuse.node');
  if (!existsSync(path)) return null;
  try {
    return loadFrom(path);
  } catch {
    return null;
  }
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'native-build')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * Must agree with native-build/build.mjs. Which libc is loaded tells it: the report of the process, which says so, takes
 * as long as all else that a mount needs of the addon.
 */
function target(): string {
  const isGlibc = /\/libc(-[\d.]+)?\.so/.test(readFileSync('/proc/self/maps', 'utf8'));
  return `linux-${process.arch}-${isGlibc ? 'glibc' : 'musl'}`;
}
