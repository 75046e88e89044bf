/**
 * A whole file system without a kernel: the real tree, content cache, spool and operations over the in-memory drive.
 * `restart` ends the daemon's half as `kill -9` would (nothing is drained) or cleanly, and starts it again.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog, Metrics, silentLog, systemClock, TaskGroup } from '../../src/base/index.js';
import {
  type OpenContentCache,
  type OpenRemoteTree,
  openContentCache,
  openRemoteTree,
  type TreeLimits,
} from '../../src/cache/index.js';
import { ContentSource, FileSystem, type FileSystemOptions, Reconciler } from '../../src/fs/index.js';
import { type JournalledSpool, openSpool, type SpoolEvent, type SpoolLimits } from '../../src/spool/index.js';
import { KernelDouble } from './kernel-double.js';
import { MemoryDrive, type MemoryDriveOptions } from './memory-drive.js';

const OPTIONS: FileSystemOptions = {
  readOnly: false,
  uid: 1000,
  gid: 1000,
  umask: 0o022,
  attributeLifetimeMs: 30_000,
  fsync: 'local',
  blocks: 'real',
  smallestServerCopyBytes: 1,
  pageOf: (path) => `https://contoso.test${path}`,
};

const STATE = 'state';
const TIMES_SOON = { timesRestMs: 5, timesAwaitedMs: 5 };
/** Nothing is sent before `settled` asks for it, however slow the machine. */
const AT_LEISURE = { quietMs: 60_000, deleteQuietMs: 60_000, longestDeleteQuietMs: 60_000, ...TIMES_SOON };
/** Sends while operations go on. */
const AT_ONCE = { quietMs: 5, deleteQuietMs: 5, longestDeleteQuietMs: 20, ...TIMES_SOON };

export interface WorldOptions extends MemoryDriveOptions {
  readonly fileSystem?: Partial<FileSystemOptions>;
  /** Sends as soon as it may; default: when `settled` is called. */
  readonly sendsAtOnce?: boolean;
  readonly spoolLimits?: Partial<SpoolLimits>;
  readonly treeLimits?: Partial<TreeLimits>;
  /** Default true: the tree is read and followed in the background. */
  readonly follow?: boolean;
  /** How many inodes the kernel may know before it is asked to forget some. */
  readonly mostInodes?: number;
}

export class FileSystemWorld {
  readonly drive: MemoryDrive;
  readonly #options: WorldOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'odbfs-world-'));
  fs!: FileSystem;
  kernel!: KernelDouble;
  spool!: JournalledSpool;
  tree!: OpenRemoteTree;
  content!: OpenContentCache;
  #tasks!: TaskGroup;
  #stopReconciling: () => void = () => undefined;
  /** A daemon's mount holds the event loop; no timer of its own does. */
  #hold: NodeJS.Timeout | undefined;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.drive = new MemoryDrive(options);
  }

  static async open(options: WorldOptions = {}): Promise<FileSystemWorld> {
    const world = new FileSystemWorld(options);
    await world.#start();
    return world;
  }

  async #start(): Promise<void> {
    this.#hold = setInterval(() => undefined, 60_000);
    // What nobody foresaw is seen in the test's output.
    const shared = { clock: systemClock, log: createLog('error'), metrics: new Metrics() };
    const cacheDir = this.#directory;
    const { drive } = this;
    this.#tasks = new TaskGroup(silentLog);
    this.tree = await openRemoteTree({ ...shared, cacheDir, drive, limits: this.#options.treeLimits ?? {} });
    const source = new ContentSource(drive, this.tree, systemClock);
    this.content = await openContentCache({
      ...shared,
      cacheDir,
      limitBytes: 64 * 1024 * 1024,
      floorBytes: 0,
      fetch: (item, version, range, lane, signal) => source.read(item, version, range, { lane, signal }),
    });
    let reconciler: Reconciler | null = null;
    this.spool = await openSpool({
      ...shared,
      stateDir: join(this.#directory, STATE),
      drive,
      hostName: 'testhost',
      limits: { ...(this.#options.sendsAtOnce ? AT_ONCE : AT_LEISURE), ...this.#options.spoolLimits },
      remote: {
        tree: this.tree,
        content: this.content,
        stored: (event) => reconciler?.stored(event),
        removed: (event) => reconciler?.removed(event),
      },
    });
    source.ownSteps = this.spool.ownSteps;
    this.fs = new FileSystem({
      ...shared,
      ...this,
      options: { ...OPTIONS, ...this.#options.fileSystem },
      ...(this.#options.mostInodes !== undefined && { mostInodes: this.#options.mostInodes }),
      scratchDirectory: this.#directory,
      stopping: this.#tasks.signal,
    });
    this.kernel = new KernelDouble(this.fs);
    this.fs.attach(this.kernel);
    reconciler = new Reconciler(this.fs);
    this.#stopReconciling = reconciler.start();
    await this.spool.start();
    if (this.#options.follow ?? true) this.tree.start(this.#tasks);
  }

  /** Everything owed has arrived. */
  async settled(): Promise<void> {
    this.spool.hurry();
    await this.spool.settled('all', AbortSignal.timeout(30_000));
  }

  /** The whole tree is known here, and followed from now on. */
  async followed(): Promise<void> {
    while (!this.tree.statistics.complete) await nextTurn();
  }

  /** What others did on the server is known here. */
  async caughtUp(): Promise<void> {
    await this.tree.pollNow(AbortSignal.timeout(10_000));
  }

  /** The next event of a kind. */
  next<Kind extends SpoolEvent['kind']>(kind: Kind): Promise<Extract<SpoolEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      const stop = this.spool.subscribe((event) => {
        if (event.kind !== kind) return;
        stop();
        resolve(event as Extract<SpoolEvent, { kind: Kind }>);
      });
    });
  }

  /** `withoutCache`: somebody throws it away meanwhile. */
  async restart({ withoutCache = false } = {}): Promise<void> {
    await this.#stop();
    for (const name of withoutCache ? readdirSync(this.#directory) : [])
      if (name !== STATE) rmSync(join(this.#directory, name), { recursive: true });
    await this.#start();
  }

  async #stop(): Promise<void> {
    clearInterval(this.#hold);
    this.fs.destroy();
    this.#stopReconciling();
    await this.#tasks.stop();
    await this.spool.close();
    await this.content.close();
    await this.tree.close();
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
