/**
 * A mounted account as its daemon's life sees it: everything composed and running. What start, drain, stop and the
 * control socket do with it is in `account-daemon.ts`; how it is put together in `compose.ts`.
 */
import type { AccountStatus, AuthStatus, UploadStatus } from './status.js';

export interface AccountRuntime {
  readonly account: string;
  readonly mountpoint: string;

  /** The whole status; answers from memory. */
  status(): AccountStatus;
  uploads(): UploadStatus;
  auth(): AuthStatus;
  /** Called after each change of the sign-in's state. */
  onAuthChange(listener: (auth: AuthStatus) => void): void;

  /** Nothing more is owed at or below the paths (absolute; none: everywhere). Rejects with the signal's reason. */
  settled(paths: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * What is left at or below the paths: how many may still be sent, and a line for each that the server refuses, or that
   * is refused above what is left.
   */
  outlook(paths: readonly string[]): Promise<Outlook>;
  /** Sends what is owed without waiting for quiet; tries refused entries once more. */
  hurry(): void;

  pin(paths: readonly string[], pinned: boolean): Promise<void>;
  evict(paths: readonly string[]): Promise<void>;

  /** Somebody signed in again in another process. */
  reloadSignIn(): Promise<void>;
  /** The machine slept. */
  resumed(): void;
  /** A `Cookie` header's value, fresh enough for an hour. Throws `Failure`. */
  cookies(signal: AbortSignal): Promise<string>;

  /** Resolves when the kernel has no mount of ours any more, whoever ended it. */
  readonly unmounted: Promise<void>;
  /** Takes the mount away if nobody uses it. False: it is busy, and stays. */
  unmount(): Promise<boolean>;
  /** Takes the mount out of sight at once; programs that use it go on until `close`. */
  unmountLazily(): Promise<void>;

  /** Stops all background work and closes the stores, synced. Nothing is lost that was owed. */
  close(): Promise<void>;
}

export interface Outlook {
  readonly waiting: number;
  readonly refusals: readonly string[];
}
