/**
 * The second bridge: the package `fuse-native` (libfuse 2), for machines where our addon can neither be loaded nor
 * built. It speaks paths, knows no interrupts, no remote changes, no birth times and no exact times of modification;
 * docs/decisions/0003-bridges.md has the list and what it costs.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { type ErrnoName, Metrics, silentLog } from '../../base/index.js';
import { type Extent, errnoOf, FsError, type KernelPort } from '../../fs/index.js';
import type { EndReason } from '../connection.js';
import type { KernelSession, SessionRequest, SessionStatistics } from '../kernel-session.js';
import { isMounted, MountError } from '../mount.js';
import { DEFAULT_MOUNT_OPTIONS, type MountOptions } from '../mount-options.js';
import { ERRNO_NUMBER } from '../wire/index.js';
import { FileTable } from './file-table.js';
import { type Answer, type FuseNative, loadFuseNative, type PathOperations } from './library.js';
import { type PathOperation, pathOperations } from './path-operations.js';
import { PathWalker } from './path-walker.js';

/** How long the kernel believes names and attributes; nothing can be taken back. */
const VALID_SECONDS = '1';
const WATCH_EVERY_MS = 1000;
/** Its own timers would answer for operations that still run. */
const NO_TIMEOUT = false;

export async function mountFuseNative(request: SessionRequest): Promise<KernelSession> {
  const Fuse = await loadFuseNative();
  const { log = silentLog, metrics = new Metrics() } = request;
  await mkdir(request.mountpoint, { recursive: true });
  const mountpoint = await realpath(request.mountpoint);
  const kernel = new PathKernelPort();
  const fileSystem = request.createFileSystem(kernel);
  const walker = new PathWalker(fileSystem);
  const files = new FileTable(walker, fileSystem);
  kernel.connect(files);
  const counts = { requests: 0, pending: 0 };
  const report = (name: string, error: unknown): ErrnoName => {
    const errno = errnoOf(error);
    if (errno !== null) return errno;
    metrics.add('bugs');
    log.error({ operation: name, error }, 'an operation failed unexpectedly');
    return 'EIO';
  };
  const operations: Record<string, PathOperations[string]> = {};
  for (const [name, operation] of Object.entries(pathOperations(walker, files))) {
    operations[name] = answering(
      operation,
      { counts, givesCount: name === 'read' || name === 'write' },
      (error) => report(name, error),
    );
  }
  const fuse = new Fuse(mountpoint, operations, optionsOf({ ...DEFAULT_MOUNT_OPTIONS, ...request.options }));
  await promised((done) => fuse.mount(done), `cannot mount on ${mountpoint}`);
  const destroy = async () => {
    await files.releaseAll();
    fileSystem.destroy();
  };
  return new FuseNativeSession({ mountpoint, kernel, fuse, files, counts, destroy });
}

/** Turns promises into the package's callbacks; `read` and `write` give their number of bytes instead of an error. */
function answering(
  operation: PathOperation,
  { counts, givesCount }: { counts: { requests: number; pending: number }; givesCount: boolean },
  errnoFor: (error: unknown) => ErrnoName,
): PathOperations[string] {
  return (...words: never[]) => {
    const answer = words.pop() as unknown as Answer;
    counts.requests += 1;
    counts.pending += 1;
    operation(...words).then(
      (values) => {
        counts.pending -= 1;
        if (givesCount) answer(values[0] as number);
        else answer(0, ...values);
      },
      (error: unknown) => {
        counts.pending -= 1;
        answer(-ERRNO_NUMBER[errnoFor(error)]);
      },
    );
  };
}

function optionsOf(options: MountOptions): Readonly<Record<string, unknown>> {
  // What the package has no option for goes along with the name; without big_writes it writes pages.
  const extra = options.readOnly ? 'big_writes,ro' : 'big_writes';
  return {
    fsname: `${options.fsName.replaceAll(',', '_')},${extra}`,
    subtype: options.subtype,
    allowOther: options.allowOther,
    autoUnmount: options.autoUnmount,
    defaultPermissions: options.defaultPermissions,
    attrTimeout: VALID_SECONDS,
    entryTimeout: VALID_SECONDS,
    timeout: NO_TIMEOUT,
  };
}

class PathKernelPort implements KernelPort {
  readonly canInvalidate = false;
  #files: FileTable | null = null;

  connect(files: FileTable): void {
    this.#files = files;
  }

  invalidateNode(): void {}
  invalidateAttributes(): void {}
  invalidateAttributesNow(): void {}
  invalidateEntry(): void {}
  notifyDelete(): void {}
  storeData(): void {}
  /** libfuse 2 passes no lseek on. */
  seek(): Extent {
    return 'unknown';
  }

  async rebind(handle: number, descriptor: number | null): Promise<void> {
    await this.#files?.rebind(handle, descriptor);
  }
}

interface FuseNativeParts {
  readonly mountpoint: string;
  readonly kernel: KernelPort;
  readonly fuse: FuseNative;
  readonly files: FileTable;
  readonly counts: { readonly requests: number; readonly pending: number };
  readonly destroy: () => Promise<void>;
}

class FuseNativeSession implements KernelSession {
  readonly bridge = 'fuse-native';
  readonly #parts: FuseNativeParts;
  #hasEnded!: (reason: EndReason) => void;
  readonly #watch: NodeJS.Timeout;
  #closing: Promise<void> | null = null;
  readonly ended = new Promise<EndReason>((resolve) => {
    this.#hasEnded = resolve;
  });

  constructor(parts: FuseNativeParts) {
    this.#parts = parts;
    // The package does not tell when somebody else unmounts.
    this.#watch = setInterval(() => void this.#endIfGone(), WATCH_EVERY_MS);
    this.#watch.unref();
  }

  get mountpoint(): string {
    return this.#parts.mountpoint;
  }
  get kernel(): KernelPort {
    return this.#parts.kernel;
  }

  get statistics(): SessionStatistics {
    const { counts, files } = this.#parts;
    const none = {
      interrupted: 0,
      abandoned: 0,
      notificationsSent: 0,
      notificationsWaiting: 0,
      notificationsDropped: 0,
    };
    return { ...none, ...counts, openHandles: files.count };
  }

  /** The package unmounts lazily, always: what is open is known here only. */
  async unmount({ lazy = false }: { readonly lazy?: boolean } = {}): Promise<void> {
    const { mountpoint, files } = this.#parts;
    if (!lazy && files.count > 0)
      throw new MountError('EBUSY', `cannot unmount ${mountpoint}: files are open in it`);
    await this.#end('unmounted');
  }

  async close(): Promise<void> {
    await this.#end('closed');
  }

  async #endIfGone(): Promise<void> {
    if (!(await isMounted(this.mountpoint))) await this.#end('unmounted');
  }

  #end(reason: EndReason): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: EndReason): Promise<void> {
    const { fuse, mountpoint, destroy } = this.#parts;
    // It fails when somebody else has unmounted already: gone is gone.
    await promised((done) => fuse.unmount(done), `cannot unmount ${mountpoint}`).catch(() => undefined);
    clearInterval(this.#watch);
    await destroy();
    this.#hasEnded(reason);
  }
}

function promised(start: (done: (error: Error | null) => void) => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === null || error === undefined) resolve();
      else
        reject(error instanceof FsError ? error : new MountError('EIO', `${what}: ${error.message}`, error));
    });
  });
}
