/**
 * What the remote tree costs us, the server being free: `npm run bench -- tree [--items 1000000]`. A snapshot of
 * that many items (100 files to a folder, and one folder of 100,000), a restart, look-ups, a walk. Prints one line for each.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Metrics, silentLog, systemClock, TaskGroup } from '../src/base/index.js';
import { type Asking, type OpenRemoteTree, openRemoteTree } from '../src/cache/index.js';
import type { Drive, DriveItem, PlacedItem, SnapshotPage, TreeSource } from '../src/drive/index.js';
import { optionsOrExit } from './support/options.js';

const { items: ITEMS } = optionsOrExit('bench -- tree', { items: 1_000_000 });
const FILES_PER_FOLDER = 100;
const FOLDERS_PER_LEVEL = 100;
const LARGE_FOLDER = Math.min(100_000, Math.floor(ITEMS / 10));
const PAGE = 5_000;
const PAGE_ENTRIES = 512;

function idOf(number: number): string {
  // Spread like real ones: neighbours in the tree are far apart by id.
  const mixed = Math.imul(number, 0x9e3779b1) >>> 0;
  return `${mixed.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

function itemOf(number: number, name: string, kind: DriveItem['kind']): DriveItem {
  const id = idOf(number);
  const size = kind === 'folder' ? 0 : number * 17;
  const modifiedMs = 1_700_000_000_000 + number * 1000;
  return {
    id,
    name,
    kind,
    size,
    modifiedMs,
    createdMs: modifiedMs,
    version: `"{${id.toUpperCase()}},${number % 9}"`,
  };
}

function* allItems(): Iterable<PlacedItem> {
  let number = 1;
  const place = (path: string, kind: DriveItem['kind']): PlacedItem => {
    number += 1;
    return { path, item: itemOf(number, path.slice(path.lastIndexOf('/') + 1), kind) };
  };
  yield place('/large', 'folder');
  for (let file = 0; file < LARGE_FOLDER; file += 1)
    yield place(`/large/a file with a usual name ${file}.txt`, 'file');
  for (let folder = 0; number < ITEMS; folder += 1) {
    const top = `/department ${Math.floor(folder / FOLDERS_PER_LEVEL)}`;
    if (folder % FOLDERS_PER_LEVEL === 0) yield place(top, 'folder');
    yield place(`${top}/project ${folder}`, 'folder');
    for (let file = 0; file < FILES_PER_FOLDER; file += 1) {
      yield place(`${top}/project ${folder}/Report ${folder}-${file}.docx`, 'file');
    }
  }
}

class GeneratedSource implements TreeSource {
  #items: Iterator<PlacedItem> = allItems()[Symbol.iterator]();
  cpuMs = 0;

  async currentToken(): Promise<string> {
    return '0';
  }

  async snapshot(): Promise<SnapshotPage> {
    const before = process.cpuUsage();
    const items: PlacedItem[] = [];
    while (items.length < PAGE) {
      const next = this.#items.next();
      if (next.done) break;
      items.push(next.value);
    }
    const { user, system } = process.cpuUsage(before);
    this.cpuMs += (user + system) / 1000;
    await sleep(1);
    return { items, unversioned: [], unplaced: [], next: items.length < PAGE ? null : 'more' };
  }

  async changes() {
    return { changes: [], token: '0', more: false };
  }
}

const source = new GeneratedSource();
const drive = {
  tree: source,
  stat: async () => itemOf(1, '', 'folder'),
} as unknown as Drive;

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1048576)} MB`;
}

async function measure<Result>(name: string, work: () => Promise<Result> | Result): Promise<Result> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  console.log(
    `${name}: ${(performance.now() - start).toFixed(1)} ms, CPU ${((user + system) / 1000).toFixed(0)} ms,`,
    `longest stall ${(delay.max / 1e6).toFixed(1)} ms, resident ${megabytes(process.memoryUsage.rss())}`,
  );
  return result;
}

const cacheDir = mkdtempSync(join(tmpdir(), 'odbfs-bench-tree-'));
const asking: Asking = { signal: new AbortController().signal, lane: 'interactive', maxAgeMs: 30_000 };
const open = () =>
  openRemoteTree({ cacheDir, drive, clock: systemClock, log: silentLog, metrics: new Metrics() });

async function complete(tree: OpenRemoteTree): Promise<void> {
  while (!tree.statistics.complete) await sleep(5);
}

/** Page by page, as an open folder is read; `onFirst` is called when the first page is there. */
async function list(tree: OpenRemoteTree, folder: string, onFirst = () => {}): Promise<DriveItem[]> {
  const reader = await tree.children(folder, asking);
  const items: DriveItem[] = [];
  for (let page = reader.next(PAGE_ENTRIES); page.length > 0; page = reader.next(PAGE_ENTRIES)) {
    if (items.length === 0) onFirst();
    for (const item of page) items.push(item);
    await nextTurn();
  }
  reader.close();
  return items;
}

async function walk(tree: OpenRemoteTree, folder: string, most: number): Promise<number> {
  let seen = 0;
  const waiting = [folder];
  for (let at = waiting.pop(); at !== undefined && seen < most; at = waiting.pop()) {
    for (const item of await list(tree, at)) {
      seen += 1;
      if (item.kind === 'folder') waiting.push(item.id);
      else tree.refresh(item.id, asking);
    }
  }
  return seen;
}

let tree = await open();
const tasks = new TaskGroup(silentLog);
await measure(`snapshot of ${ITEMS} items`, async () => {
  tree.start(tasks);
  await complete(tree);
});
console.log(`of that to make them up: ${source.cpuMs.toFixed(0)} ms CPU`);
await tasks.stop();
await measure('close', () => tree.close());
console.log(`database: ${megabytes(statSync(join(cacheDir, 'tree.sqlite')).size)}`);
tree = await measure('open again', open);
await measure('first listing of the root', () => list(tree, tree.root));
const top = (await list(tree, tree.root)).find((item) => item.name === 'large')!;
await measure(
  `first entries of ${LARGE_FOLDER}`,
  () => new Promise<void>((resolve) => void list(tree, top.id, resolve)),
);
await measure(`listing of ${LARGE_FOLDER}`, () => list(tree, top.id));
await measure(`listing of ${LARGE_FOLDER} again`, () => list(tree, top.id));
await measure('10,000 look-ups of known names', () => {
  for (let file = 0; file < 10_000; file += 1)
    tree.lookup(top.id, `a file with a usual name ${file}.txt`, asking);
});
await measure('10,000 look-ups of the same name', () => {
  for (let file = 0; file < 10_000; file += 1) tree.lookup(top.id, 'a file with a usual name 7.txt', asking);
});
await measure('10,000 look-ups of names that are not there', () => {
  for (let file = 0; file < 10_000; file += 1) tree.lookup(top.id, `nothing ${file}`, asking);
});
const department = (await list(tree, tree.root)).find((item) => item.name === 'department 1');
if (department !== undefined) {
  await measure('walk of a folder of 10,200 items with attributes', () => walk(tree, department.id, 100_000));
}
await tree.close();
rmSync(cacheDir, { recursive: true, force: true });
