/**
 * A file system mounted on a folder by our own addon. Promises: every request gets exactly one reply, every handle one
 * release, and the process never hangs in its own mount. What requests mean is the file system's business.
 */
import { type Clock, type Log, Metrics, silentLog, systemClock } from '../base/index.js';
import type { FileSystemPort, KernelPort } from '../fs/index.js';
import { type Addon, loadAddon } from './addon.js';
import { Connection, type EndReason } from './connection.js';
import { type DismissGuard, startGuard } from './guard.js';
import { detach, forceDetach, isMounted, MountError, type Mounted, mountDevice } from './mount.js';
import { DEFAULT_MOUNT_OPTIONS, type MountOptions } from './mount-options.js';
import { NativeKernelPort } from './native-kernel-port.js';

/** A request that waits longer is called off. */
export const DEFAULT_DEADLINE_MS = 120_000;
/** Threads that read and write files for handles with a descriptor. */
export const DEFAULT_WORKERS = 2;
/** How long an end may take before the connection is aborted from outside. */
export const DEFAULT_WATCHDOG_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 20_000;
/** How long a mount that was taken away may take to end; then somebody else has a copy of it. */
const COPIES_PATIENCE_MS = 3_000;

export interface SessionOptions extends MountOptions {
  readonly deadlineMs: number;
  readonly workers: number;
  readonly watchdogMs: number;
  /** The kernel collects small writes and then owns sizes and times: only without other writers. */
  readonly writebackCache: boolean;
  /** Root only; for backings that say so. */
  readonly passthrough: boolean;
  readonly timeGranularityNs: number;
}

export interface SessionRequest {
  readonly mountpoint: string;
  /** Called once, before anything is asked of it. */
  readonly createFileSystem: (kernel: KernelPort) => FileSystemPort;
  readonly options?: Partial<SessionOptions>;
  readonly log?: Log;
  readonly metrics?: Metrics;
  readonly clock?: Clock;
}

export interface SessionStatistics {
  readonly requests: number;
  readonly pending: number;
  readonly interrupted: number;
  /** Requests that were answered although the file system never did. */
  readonly abandoned: number;
  readonly openHandles: number;
  readonly notificationsSent: number;
  readonly notificationsWaiting: number;
  readonly notificationsDropped: number;
}

/** What every bridge gives. */
export interface KernelSession {
  readonly bridge: 'native' | 'fuse-native';
  /** The real path. */
  readonly mountpoint: string;
  readonly kernel: KernelPort;
  /** Resolves once nothing more comes and the file system has been told (`destroy`). Never rejects. */
  readonly ended: Promise<EndReason>;
  /**
   * Takes the mount away and resolves when it has ended; rejects with a `MountError` EBUSY while files are open in it.
   * A copy in another mount namespace (a container, a service) does not hold it up: that one is answered until `close`.
   * Lazily: out of sight at once, and answered until the last user is gone or `close` is called.
   */
  unmount(options?: { readonly lazy?: boolean }): Promise<void>;
  /** Ends it now: whoever still uses it gets ENOTCONN. */
  close(): Promise<void>;
  readonly statistics: SessionStatistics;
}

const DEFAULTS: SessionOptions = {
  ...DEFAULT_MOUNT_OPTIONS,
  deadlineMs: DEFAULT_DEADLINE_MS,
  workers: DEFAULT_WORKERS,
  watchdogMs: DEFAULT_WATCHDOG_MS,
  writebackCache: false,
  passthrough: false,
  timeGranularityNs: 1,
};

/** Resolves when the mount answers. Rejects with a `MountError`, or an error that says why there is no addon. */
export async function mountKernelSession(request: SessionRequest): Promise<KernelSession> {
  const options = { ...DEFAULTS, ...request.options };
  const addon = loadAddon();
  const mounted = await mountDevice(addon, request.mountpoint, options);
  const { clock = systemClock, log = silentLog, metrics = new Metrics() } = request;
  const kernel = new NativeKernelPort(metrics);
  const connection = new Connection({
    addon,
    device: mounted.device,
    kernel,
    fileSystem: request.createFileSystem(kernel),
    wishes: {
      writebackCache: options.writebackCache,
      passthrough: options.passthrough && process.geteuid?.() === 0,
      timeGranularity: options.timeGranularityNs,
    },
    workers: options.workers,
    deadlineMs: options.deadlineMs,
    // Later than the watchdog, which may well be what sets it free.
    notifierPatienceMs: options.watchdogMs * 1.5,
    clock,
    log,
    metrics,
  });
  const session = new NativeKernelSession({
    addon,
    mounted,
    kernel,
    connection,
    watchdogMs: options.watchdogMs,
    clock,
    dismissGuard: await startGuard(mounted.abortPath, log),
  });
  await session.handshake(clock);
  return session;
}

interface NativeSessionParts {
  readonly addon: Addon;
  readonly mounted: Mounted;
  readonly kernel: NativeKernelPort;
  readonly connection: Connection;
  readonly watchdogMs: number;
  readonly clock: Clock;
  readonly dismissGuard: DismissGuard;
}

class NativeKernelSession implements KernelSession {
  readonly bridge = 'native';
  readonly #parts: NativeSessionParts;
  readonly ended: Promise<EndReason>;
  #isMounted = true;

  constructor(parts: NativeSessionParts) {
    this.#parts = parts;
    this.ended = parts.connection.ended.then(async (reason) => {
      // An aborted connection leaves a mount behind that only says ENOTCONN.
      if (reason === 'aborted') await this.#takeAway();
      this.#isMounted = false;
      parts.dismissGuard();
      return reason;
    });
  }

  get mountpoint(): string {
    return this.#parts.mounted.mountpoint;
  }
  get kernel(): KernelPort {
    return this.#parts.kernel;
  }

  get statistics(): SessionStatistics {
    const { requestCount, dispatcher, notifier, openHandleCount } = this.#parts.connection;
    return {
      requests: requestCount,
      pending: dispatcher?.pendingCount ?? 0,
      interrupted: dispatcher?.interruptedCount ?? 0,
      abandoned: dispatcher?.abandonedCount ?? 0,
      openHandles: openHandleCount,
      notificationsSent: notifier?.sent ?? 0,
      notificationsWaiting: notifier?.waiting ?? 0,
      notificationsDropped: notifier?.dropped ?? 0,
    };
  }

  /** Waits for FUSE_INIT; without it the mount is taken away again. */
  async handshake(clock: Clock): Promise<void> {
    const { connection } = this.#parts;
    const patience = new AbortController();
    const tooLate = clock.sleep(HANDSHAKE_TIMEOUT_MS, patience.signal).then(() => {
      throw new Error('the kernel did not begin to talk');
    });
    tooLate.catch(() => undefined);
    try {
      await Promise.race([connection.ready, tooLate]);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      patience.abort();
    }
  }

  async unmount({ lazy = false }: { readonly lazy?: boolean } = {}): Promise<void> {
    if (this.#isMounted) await this.#detach(lazy);
    this.#isMounted = false;
    if (!lazy) await this.#endedOrCopied();
  }

  async #endedOrCopied(): Promise<void> {
    const patience = new AbortController();
    const tooLate = this.#parts.clock.sleep(COPIES_PATIENCE_MS, patience.signal).catch(() => undefined);
    await Promise.race([this.ended, tooLate]);
    patience.abort();
  }

  async #detach(lazy: boolean): Promise<void> {
    const { addon, mounted } = this.#parts;
    const { mountpoint, throughFusermount } = mounted;
    try {
      await detach(addon, mountpoint, { lazy, throughFusermount });
    } catch (error) {
      // Somebody has taken it out of sight (`umount -l`), and programs use it all the same.
      if (await isMounted(mountpoint)) throw error;
      if (!lazy) throw new MountError('EBUSY', `${mountpoint} is still in use`, error);
    }
  }

  /** The watchdog frees us should the kernel keep one of our threads, or our exit, waiting for ourselves. */
  async close(): Promise<void> {
    const { addon, mounted, connection, watchdogMs } = this.#parts;
    const disarm = mounted.abortPath === null ? null : addon.armWatchdog(mounted.abortPath, watchdogMs);
    if (connection.notifierBusyMs > watchdogMs) await forceDetach(addon, mounted.mountpoint);
    await this.#takeAway();
    await connection.end('closed');
    disarm?.();
  }

  async #takeAway(): Promise<void> {
    if (!this.#isMounted) return;
    this.#isMounted = false;
    const { addon, mounted } = this.#parts;
    const { mountpoint, throughFusermount } = mounted;
    await detach(addon, mountpoint, { lazy: true, throughFusermount }).catch(() => undefined);
  }
}
