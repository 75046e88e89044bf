/**
 * The life of a daemon once its account is mounted: it answers commands, tells systemd and the person how things are,
 * and stops cleanly (unmount, wait for what is owed, close) on a signal, on a command, when somebody unmounts, or when
 * a bug shows up. Nothing that is owed is lost in any of them.
 */
import { type Clock, type Log, TaskGroup } from '../base/index.js';
import type { AccountRuntime } from './account-runtime.js';
import { DEFAULT_DRAIN_SECONDS } from './config.js';
import type { CommandContext, ControlHandlers } from './control-server.js';
import { drain } from './drain.js';
import { Failure } from './failure.js';
import { flush } from './flush.js';
import { watchForResume } from './resume-watch.js';
import type { ServiceNotifier } from './service-notifier.js';
import type { AuthStatus, UploadStatus } from './status.js';
import { statusLine } from './status-line.js';
import { unmountUnlessUsed } from './unmount-unless-used.js';

const STATUS_EVERY_MS = 5000;

export interface AccountDaemonParts {
  readonly runtime: AccountRuntime;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: ServiceNotifier;
  readonly showNotice: (summary: string, body: string) => void;
}

export class AccountDaemon {
  readonly #parts: AccountDaemonParts;
  readonly #tasks: TaskGroup;
  readonly #hurryUp = new AbortController();
  readonly #progress = new Set<(uploads: UploadStatus) => void>();
  #stopping: Promise<UploadStatus> | null = null;
  #unmountingOnCommand = false;
  #authState: AuthStatus['state'];
  #hasStopped!: (owed: UploadStatus) => void;
  #hasFailed!: (reason: unknown) => void;

  /** What is still owed when the daemon has stopped, for whatever reason. */
  readonly stopped = new Promise<UploadStatus>((resolve, reject) => {
    this.#hasStopped = resolve;
    this.#hasFailed = reject;
  });

  constructor(parts: AccountDaemonParts) {
    this.#parts = parts;
    this.#tasks = new TaskGroup(parts.log);
    this.#authState = parts.runtime.auth().state;
  }

  /** Begins the background work; the mount answers already. */
  start(): void {
    const { runtime, clock, notifier } = this.#parts;
    runtime.onAuthChange((auth) => this.#authChanged(auth));
    // Whoever mounts at the start of their session sees no terminal.
    this.#tellPerson(runtime.auth());
    this.#tasks.start('watchdog', (signal) => notifier.watch(clock, signal));
    this.#tasks.start('resume', (signal) => watchForResume(clock, () => this.#resumed(), signal));
    this.#tasks.start('status', (signal) => this.#reportStatus(signal));
    notifier.ready();
    notifier.status(statusLine(runtime.status()));
    void runtime.unmounted.then(() => {
      if (!this.#unmountingOnCommand) void this.#begin(DEFAULT_DRAIN_SECONDS * 1000, () => undefined);
    });
  }

  /** What commands do. */
  readonly handlers: ControlHandlers = {
    status: async () => this.#parts.runtime.status(),
    flush: async (request, context) => {
      await flush(this.#parts.runtime, { ...request, ...context, clock: this.#parts.clock });
      return null;
    },
    stop: async ({ timeoutMs }, context) => ({
      stillOwed: await this.#stopOnCommand(timeoutMs, context),
      pid: process.pid,
    }),
    pin: async ({ paths }) => this.#done(this.#parts.runtime.pin(paths, true)),
    unpin: async ({ paths }) => this.#done(this.#parts.runtime.pin(paths, false)),
    evict: async ({ paths }) => this.#done(this.#parts.runtime.evict(paths)),
    reload: async () => this.#done(this.#parts.runtime.reloadSignIn()),
    cookies: async (_, { signal }) => this.#parts.runtime.cookies(signal),
  };

  /** Unmounts, waits for what is owed, closes everything; resolves with what is still owed then. Idempotent. */
  stop(options: { readonly timeoutMs: number }): Promise<UploadStatus> {
    return this.#begin(options.timeoutMs, () => undefined);
  }

  /** Ends the waiting for uploads: they stay in the spool for the next mount. */
  hurry(): void {
    this.#hurryUp.abort(new Error('asked to stop at once'));
  }

  async #stopOnCommand(timeoutMs: number, context: CommandContext): Promise<UploadStatus> {
    const { runtime } = this.#parts;
    if (this.#stopping === null && timeoutMs > 0) await this.#unmountOrRefuse(context.signal);
    const stopped = this.#begin(timeoutMs, context.progress);
    if (timeoutMs === 0) this.hurry();
    runtime.hurry();
    return stopped;
  }

  async #unmountOrRefuse(signal: AbortSignal): Promise<void> {
    const { runtime, clock } = this.#parts;
    this.#unmountingOnCommand = true;
    const isUnmounted = await unmountUnlessUsed(runtime, clock, signal).finally(() => {
      this.#unmountingOnCommand = false;
    });
    if (isUnmounted) return;
    throw new Failure(
      'failed',
      `${runtime.mountpoint} is busy: end the programs that use it (fuser -vm shows them), or use --now`,
    );
  }

  #begin(timeoutMs: number, progress: (uploads: UploadStatus) => void): Promise<UploadStatus> {
    this.#progress.add(progress);
    if (this.#stopping === null) {
      this.#stopping = this.#stop(timeoutMs);
      this.#stopping.then(this.#hasStopped, this.#hasFailed);
    }
    return this.#stopping;
  }

  async #stop(timeoutMs: number): Promise<UploadStatus> {
    const { runtime, clock, log, notifier } = this.#parts;
    log.info('stopping');
    notifier.stopping();
    await this.#takeAway();
    const owed = await drain(runtime, {
      clock,
      timeoutMs,
      signal: this.#hurryUp.signal,
      progress: (uploads) => {
        notifier.status(`Stopping: ${uploads.owed} uploads are still owed`);
        for (const progress of this.#progress) progress(uploads);
      },
    });
    if (owed.owed > 0) log.warn(owed, 'stopped; what is still owed will be sent at the next mount');
    await this.#tasks.stop();
    await runtime.close();
    return owed;
  }

  /** Whatever the kernel says: a daemon that was told to stop does not stay because of it. */
  async #takeAway(): Promise<void> {
    const { runtime, log } = this.#parts;
    try {
      if (!(await runtime.unmount())) await runtime.unmountLazily();
    } catch (error) {
      log.error({ error }, 'the mount could not be taken away; it ends with this process');
    }
  }

  async #reportStatus(signal: AbortSignal): Promise<void> {
    const { runtime, clock, notifier } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(STATUS_EVERY_MS, signal);
      if (this.#stopping === null) notifier.status(statusLine(runtime.status()));
    }
  }

  #resumed(): void {
    this.#parts.log.info('the machine slept');
    this.#parts.runtime.resumed();
  }

  /** In the log at each change; to the person once per change for the worse. */
  #authChanged(auth: AuthStatus): void {
    if (auth.state === this.#authState) return;
    this.#authState = auth.state;
    const { runtime, log, notifier } = this.#parts;
    log.info({ state: auth.state, reason: auth.message }, 'the sign-in changed');
    notifier.status(statusLine(runtime.status()));
    this.#tellPerson(auth);
  }

  #tellPerson(auth: AuthStatus): void {
    const { runtime, showNotice } = this.#parts;
    if (auth.state === 'signed-out') {
      showNotice(
        `OneDrive (${runtime.account}) needs you`,
        `Sign in with: odbfs login --account ${runtime.account}`,
      );
    } else if (auth.state === 'blocked') {
      showNotice(
        `OneDrive (${runtime.account}) is blocked`,
        auth.message ?? 'The server refuses this sign-in.',
      );
    }
  }

  async #done(work: Promise<void>): Promise<null> {
    await work;
    return null;
  }
}
