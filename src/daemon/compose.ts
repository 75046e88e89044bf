/**
 * The composition root: one account from its configuration to a mount that answers, every part given what it needs and
 * noted for closing. Decides nothing itself.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Log, Metrics, systemClock, TaskGroup } from '../base/index.js';
import {
  type OpenContentCache,
  type OpenRemoteTree,
  openContentCache,
  openRemoteTree,
} from '../cache/index.js';
import {
  ContentSource,
  FileSystem,
  type FileSystemOptions,
  Reconciler,
  SMALLEST_SERVER_COPY_BYTES,
} from '../fs/index.js';
import {
  checkBridge,
  forbidDumps,
  keepHeapSmall,
  mountFileSystem,
  punchHole,
  releaseMemory,
  syncFileSystem,
} from '../fuse/index.js';
import { type OpenDrive, openDrive } from '../sharepoint/index.js';
import { openSpool } from '../spool/index.js';
import { type AccountFolders, accountFolders } from './account-folders.js';
import type { AccountRuntime } from './account-runtime.js';
import type { AccountSignIn } from './account-sign-in.js';
import { cacheLimit, freeSpaceFloor } from './cache-limit.js';
import { ClosingStack } from './closing-stack.js';
import type { AccountConfig, MountOptions } from './config.js';
import { diskFailure } from './disk-failure.js';
import { awaySince, DriveNetwork } from './drive-network.js';
import { emptyFolder } from './empty-folder.js';
import { KernelMount } from './kernel-mount.js';
import { releaseMemoryAfterWork } from './memory-release.js';
import { FILE_SYSTEM_TYPE, sourceOf } from './mount-table.js';
import { MovedFile } from './moved-file.js';
import { NameFile } from './name-file.js';
import { noticeUse } from './notice-use.js';
import type { Paths } from './paths.js';
import { RunningAccount } from './running-account.js';
import { openAccountSession } from './sign-in-place.js';
import { startFailure } from './start-failure.js';
import { ToldByServer } from './told-by-server.js';
import { WayFile } from './way-file.js';

export { sendDatagram } from '../fuse/index.js';

export interface ComposeOptions {
  readonly account: AccountConfig;
  readonly mountpoint: string;
  readonly paths: Paths;
  readonly log: Log;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

/** Changes of others are waited for so long before what is owed is sent again. */
const CATCH_UP_MS = 10_000;

/** What every part is given. */
interface Shared {
  readonly account: AccountConfig;
  readonly folders: AccountFolders;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tasks: TaskGroup;
  readonly closing: ClosingStack;
  readonly signal: AbortSignal;
}

/** Throws `Failure` when the account can't be mounted; everything that was opened is closed then. */
export async function composeAccount(options: ComposeOptions): Promise<AccountRuntime> {
  const { account, paths, log, signal } = options;
  const shared: Shared = {
    account,
    folders: accountFolders(account, paths),
    clock: systemClock,
    log,
    metrics: new Metrics(),
    tasks: new TaskGroup(log),
    closing: new ClosingStack(log),
    signal,
  };
  try {
    return await compose(options, shared);
  } catch (error) {
    await shared.closing.close();
    const { state, cache } = shared.folders;
    throw diskFailure(error, [state, cache]) ?? startFailure(error, account.name, account.site);
  }
}

async function compose(
  { account, mountpoint, paths, log }: ComposeOptions,
  shared: Shared,
): Promise<AccountRuntime> {
  const { tasks, closing, metrics } = shared;
  // The process will hold a sign-in; without our addon there is no way to ask for this.
  if (checkBridge() === null) forbidDumps();
  keepHeapSmall();
  const session = await openAccountSession(account, paths, log);
  closing.add('sign-in', session, (opened) => opened.close());
  const drive = await openServer(shared, session);
  const tree = await openTree(shared, drive);
  const source = new ContentSource(drive, tree, shared.clock, () => awaySince(drive.network));
  const content = await openContent(shared, source, tree);
  const { fs, spool } = await openFileSystem(shared, { drive, tree, content });
  source.ownSteps = spool.ownSteps;
  closing.add('tasks', tasks, (running) => running.stop());
  tasks.start('sign-in', (signal) => session.run(signal));
  session.subscribe(({ state }) => {
    if (state === 'ok') spool.unblock();
  });
  const onNetwork = ({ state }: { readonly state: string }) => {
    if (state !== 'online') return;
    tasks.start('back online', (signal) => backOnline(tree, spool, signal));
    content.resumePins();
  };
  closing.add('network', drive.network.subscribe(onNetwork), (stop) => stop());
  await spool.start();
  const mount = new KernelMount(await mountKernel(shared, fs, mountpoint));
  // Asked for early, so that a full drive is noticed by the first who writes.
  void fs.quota.quota;
  tree.start(tasks);
  tasks.start('use', (signal) => noticeUse(shared, tree, signal));
  const memory = { ...shared, release: releaseMemory };
  if (checkBridge() === null) tasks.start('memory', (signal) => releaseMemoryAfterWork(memory, signal));
  // The pins outlive the cache, which may have been thrown away.
  for (const item of spool.pinnedItems()) {
    if (!content.isPinned(item) && tree.peek(item)?.kind !== 'folder') content.setPinned(item, true);
  }
  content.resumePins();
  const network = new DriveNetwork(drive.network);
  const parts = { account, mountpoint, session, network, tree, content, spool, fs, mount, metrics, tasks };
  return new RunningAccount({ ...parts, close: () => closing.close() });
}

async function openServer(shared: Shared, session: AccountSignIn) {
  const { account, folders, closing, clock, log, metrics, signal } = shared;
  const { options } = account;
  const drive = await openDrive({
    siteUrl: account.site,
    server: account.server,
    authenticator: session,
    clock,
    log,
    metrics,
    parallel: Math.max(options.parallelUploads, options.parallelDownloads),
    uploadBytesPerSecond: options.uploadBytesPerSecond,
    downloadBytesPerSecond: options.downloadBytesPerSecond,
    chunkThresholdBytes: options.chunkThresholdBytes,
    ways: new WayFile(folders.state, log),
    names: new NameFile(folders.cache, log),
    moved: new MovedFile(folders.state, log),
    library: new ToldByServer('library', folders.state, account.site, log),
    offline: options.offline,
    signal,
  });
  return closing.add('drive', drive, (opened) => opened.close());
}

async function openTree(
  { account, folders, closing, clock, log, metrics, signal }: Shared,
  drive: OpenDrive,
) {
  const tree = await openRemoteTree({
    cacheDir: folders.cache,
    drive,
    clock,
    log,
    metrics,
    signal,
    isPutOff: () => drive.isPuttingOff,
    rootMemory: new ToldByServer('root', folders.state, account.site, log),
  });
  tree.setPollSeconds(account.options.pollSeconds);
  return closing.add('tree', tree, (opened) => opened.close());
}

async function openContent(
  shared: Shared,
  source: ContentSource,
  tree: OpenRemoteTree,
): Promise<OpenContentCache> {
  const { account, folders, closing, clock, log, metrics } = shared;
  const content = await openContentCache({
    cacheDir: folders.cache,
    limitBytes: cacheLimit(account.options, folders.cache),
    floorBytes: freeSpaceFloor(folders.cache),
    fetch: (item, version, range, lane, signal) => source.read(item, version, range, { lane, signal }),
    currentOf: (item) => {
      const known = tree.peek(item);
      return known?.kind === 'file' ? { version: known.version, size: known.size } : undefined;
    },
    ...(checkBridge() === null && { punchHole }),
    clock,
    log,
    metrics,
  });
  return closing.add('content cache', content, (opened) => opened.close());
}

interface Remembered {
  readonly drive: OpenDrive;
  readonly tree: OpenRemoteTree;
  readonly content: OpenContentCache;
}

/** The spool and the file system over it; each needs the other, which is why they are made together. */
async function openFileSystem(shared: Shared, remembered: Remembered) {
  const { account, folders, closing, clock, log, metrics, tasks } = shared;
  let reconciler: Reconciler | null = null;
  const spool = await openSpool({
    stateDir: folders.state,
    drive: remembered.drive,
    remote: {
      ...remembered,
      stored: (event) => reconciler?.stored(event),
      removed: (event) => reconciler?.removed(event),
    },
    clock,
    log,
    metrics,
    limits: { parallelUploads: account.options.parallelUploads },
    makeRoom: (bytes) => remembered.content.makeRoom(bytes),
    ...(checkBridge() === null && { syncFileSystem }),
    hostName: hostname(),
  });
  closing.add('spool', spool, (opened) => opened.close());
  const fs = new FileSystem({
    ...remembered,
    crowd: remembered.drive.crowd,
    spool,
    clock,
    log,
    metrics,
    options: fileSystemOptions(account.options, remembered.drive),
    scratchDirectory: emptyFolder(join(folders.cache, 'scratch')),
    stopping: tasks.signal,
  });
  reconciler = new Reconciler(fs);
  closing.add('reconciler', reconciler.start(), (stop) => stop());
  for (const file of spool.quarantined) log.warn({ file }, 'bytes that nobody could place were kept here');
  return { fs, spool };
}

async function mountKernel({ account, closing, log, metrics }: Shared, fs: FileSystem, mountpoint: string) {
  const { readOnly, allowOther, bridge } = account.options;
  const session = await mountFileSystem({
    mountpoint,
    createFileSystem: (kernel) => {
      fs.attach(kernel);
      return fs;
    },
    options: { fsName: sourceOf(account.name), subtype: FILE_SYSTEM_TYPE, readOnly, allowOther },
    bridge,
    log,
    metrics,
  });
  return closing.add('mount', session, (opened) => opened.close());
}

/** What others did meanwhile comes in first, so that what we owe meets the newest state; a slow answer holds up nothing. */
async function backOnline(
  tree: OpenRemoteTree,
  spool: { unblock(): void },
  signal: AbortSignal,
): Promise<void> {
  try {
    await tree.pollNow(AbortSignal.any([signal, AbortSignal.timeout(CATCH_UP_MS)]));
  } catch {
    signal.throwIfAborted();
  }
  spool.unblock();
}

function fileSystemOptions(options: MountOptions, drive: OpenDrive): FileSystemOptions {
  const { readOnly, uid, gid, umask, fsync, blocks } = options;
  const attributeLifetimeMs = options.attributeLifetimeSeconds * 1000;
  return {
    readOnly,
    uid,
    gid,
    umask,
    fsync,
    blocks,
    attributeLifetimeMs,
    smallestServerCopyBytes: SMALLEST_SERVER_COPY_BYTES,
    pageOf: (path) => drive.pageOf(path),
  };
}
