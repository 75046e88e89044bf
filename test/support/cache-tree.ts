/** A remote tree over a drive in memory, in a directory of its own, with a clock that the test moves. */
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog, Metrics, TaskGroup } from '../../src/base/index.js';
import {
  type Asking,
  type ChildrenReader,
  type OpenRemoteTree,
  openRemoteTree,
  type RemoteChange,
  type TreeLimits,
} from '../../src/cache/index.js';
import type { DriveItem, DrivePath, ItemId } from '../../src/drive/index.js';
import { FakeClock } from './fake-clock.js';
import { MemoryDrive, type MemoryDriveOptions } from './memory-drive.js';

export interface TreeBench {
  readonly drive: MemoryDrive;
  readonly clock: FakeClock;
  readonly metrics: Metrics;
  readonly cacheDir: string;
  /** What was told, oldest first. */
  readonly told: RemoteChange[];
  /** Warnings and errors in the log. */
  readonly complaints: string[];
  readonly server: {
    /** Asks for long pauses. */
    putsOff: boolean;
  };
  tree: OpenRemoteTree;
  /** Starts the background work. */
  start(): void;
  /** Follows the tree until it is complete. */
  follow(): Promise<void>;
  open(): Promise<void>;
  /** Closes and opens again. */
  restart(): Promise<void>;
  /** The same after `kill -9`: nothing was closed. */
  crash(): Promise<void>;
  /** Lets everything that can go on without the clock go on. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export const FOREVER = new AbortController().signal;

export function asking(maxAgeMs = 30_000): Asking {
  return { signal: FOREVER, lane: 'interactive', maxAgeMs };
}

export async function openTreeBench(
  driveOptions: MemoryDriveOptions = {},
  limits: Partial<TreeLimits> = {},
): Promise<TreeBench> {
  const clock = new FakeClock();
  const drive = new MemoryDrive({ now: () => clock.now(), ...driveOptions });
  const cacheDir = mkdtempSync(join(tmpdir(), 'odbfs-tree-'));
  const metrics = new Metrics();
  const complaints: string[] = [];
  const log = createLog('warn', { write: (line) => complaints.push(line) });
  const told: RemoteChange[] = [];
  const server = { putsOff: false };
  let root: ItemId | null = null;
  const rootMemory = {
    load: () => root,
    save: (id: ItemId) => {
      root = id;
    },
  };
  const open = async () => {
    const tree = await openRemoteTree({
      cacheDir,
      drive,
      clock,
      log,
      metrics,
      limits,
      isPutOff: () => server.putsOff,
      rootMemory,
    });
    tree.subscribe((changes) => told.push(...changes.filter(({ kind }) => kind !== 'found')));
    return tree;
  };
  let tasks = new TaskGroup(log);
  const stop = async () => {
    await tasks.stop();
    await bench.tree.close();
  };
  const bench: TreeBench = {
    drive,
    clock,
    metrics,
    cacheDir,
    told,
    complaints,
    server,
    tree: await open(),
    open: async () => {
      bench.tree = await open();
    },
    start: () => bench.tree.start(tasks),
    follow: async () => {
      bench.start();
      for (let turn = 0; turn < 2_000 && drive.tree !== null && !bench.tree.statistics.complete; turn += 1)
        await nextTurn();
    },
    restart: async () => {
      await stop();
      tasks = new TaskGroup(log);
      bench.tree = await open();
    },
    crash: async () => {
      const kept = mkdtempSync(join(tmpdir(), 'odbfs-tree-'));
      cpSync(cacheDir, kept, { recursive: true });
      await stop();
      rmSync(cacheDir, { recursive: true, force: true });
      renameSync(kept, cacheDir);
      tasks = new TaskGroup(log);
      bench.tree = await open();
    },
    idle: async () => {
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    },
    close: async () => {
      await stop();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
  return bench;
}

/** All children of a folder: at once where the tree answers at once. */
export function list(
  tree: OpenRemoteTree,
  folder: ItemId,
  asked: Asking = asking(),
): DriveItem[] | Promise<DriveItem[]> {
  const reader = tree.children(folder, asked);
  return reader instanceof Promise ? reader.then(readAll) : readAll(reader);
}

/** What is left to read, as it is at the end. */
export function readAll(reader: ChildrenReader): DriveItem[] {
  const items = new Map<string, DriveItem>();
  for (;;) {
    const page = reader.next(100);
    for (const item of page) items.set(item.name, item);
    if (page.length > 0) continue;
    const changed = reader.changed(100);
    for (const [name, item] of changed) if (item !== null) items.set(name, item);
    if (changed.length > 0) continue;
    reader.close();
    return [...items.values()];
  }
}

/** Walks the tree by listing folder after folder. */
export async function walk(tree: OpenRemoteTree, maxAgeMs = 30_000): Promise<Map<DrivePath, DriveItem>> {
  const found = new Map<DrivePath, DriveItem>();
  const visit = async (folder: string, path: DrivePath): Promise<void> => {
    for (const item of await list(tree, folder, asking(maxAgeMs))) {
      found.set(`${path}/${item.name}`, item);
      if (item.kind === 'folder') await visit(item.id, `${path}/${item.name}`);
    }
  };
  await visit(tree.root, '');
  return found;
}

/** The same from the server itself. */
export function serverTree({ drive }: TreeBench): Map<DrivePath, DriveItem> {
  const nodes = drive.server.all().filter((node) => node.path !== '/');
  return new Map(nodes.map((node) => [node.path, drive.server.item(node)]));
}
