/** An account at work without a server, a kernel or a disk: what its daemon is told it does, the test decides. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountRuntime, Outlook } from '../../src/daemon/account-runtime.js';
import type { AccountStatus, AuthStatus, UploadStatus } from '../../src/daemon/status.js';
import { lastFirst } from './last-first.js';

export const NOTHING_OWED: UploadStatus = { owed: 0, active: 0, bytesOwed: 0, refused: 0, conflicts: 0 };
const SIGNED_IN: AuthStatus = {
  state: 'ok',
  method: 'browser',
  expiresAt: null,
  renewedAt: null,
  message: null,
};

export class FakeRuntime implements AccountRuntime {
  readonly account = 'contoso';
  readonly mountpoint = '/home/u/OneDrive';
  /** Every call that changes something, in order. */
  readonly calls: string[] = [];
  isBusy = false;
  /** What the kernel says to any unmounting. */
  refusal: Error | null = null;
  refused: string[] = [];
  readonly unmounted: Promise<void>;
  #endMount!: () => void;
  #uploads: UploadStatus = NOTHING_OWED;
  #auth: AuthStatus = SIGNED_IN;
  readonly #waiting = new Set<() => void>();
  #authListener: (auth: AuthStatus) => void = () => undefined;

  constructor() {
    this.unmounted = new Promise((resolve) => {
      this.#endMount = resolve;
    });
  }

  owe(uploads: Partial<UploadStatus>): void {
    this.#uploads = { ...NOTHING_OWED, ...uploads };
    if (this.#uploads.owed === 0) for (const settle of this.#waiting) settle();
  }

  setAuth(auth: Partial<AuthStatus>): void {
    this.#auth = { ...this.#auth, ...auth };
    this.#authListener(this.#auth);
  }

  /** Somebody typed umount. */
  endMount(): void {
    this.#endMount();
  }

  status(): AccountStatus {
    return {
      name: this.account,
      site: 'https://contoso-my.sharepoint.com/personal/u_contoso_com',
      mountpoint: this.mountpoint,
      pid: process.pid,
      auth: this.#auth,
      network: { state: 'online', until: null },
      uploads: this.#uploads,
      tree: { items: 3, complete: true, changedAt: null, hitRatio: 0 },
      cache: { bytes: 0, limitBytes: 1, hitRatio: 0 },
      requests: { total: 0, retried: 0, throttled: 0, failed: 0 },
      quota: null,
    };
  }

  uploads(): UploadStatus {
    return this.#uploads;
  }

  auth(): AuthStatus {
    return this.#auth;
  }

  onAuthChange(listener: (auth: AuthStatus) => void): void {
    this.#authListener = listener;
  }

  settled(_paths: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#uploads.owed === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async outlook(): Promise<Outlook> {
    return { waiting: this.#uploads.owed - this.#uploads.refused, refusals: this.refused };
  }

  hurry(): void {
    this.calls.push('hurry');
  }

  async pin(paths: readonly string[], pinned: boolean): Promise<void> {
    this.calls.push(`${pinned ? 'pin' : 'unpin'} ${paths.join(' ')}`);
  }

  async evict(paths: readonly string[]): Promise<void> {
    this.calls.push(`evict ${paths.join(' ')}`);
  }

  async reloadSignIn(): Promise<void> {
    this.calls.push('reload');
  }

  resumed(): void {
    this.calls.push('resumed');
  }

  async cookies(): Promise<string> {
    return 'FedAuth=test; rtFa=test';
  }

  async unmount(): Promise<boolean> {
    this.calls.push('unmount');
    if (this.refusal !== null) throw this.refusal;
    if (this.isBusy) return false;
    this.#endMount();
    return true;
  }

  async unmountLazily(): Promise<void> {
    this.calls.push('unmount lazily');
    this.#endMount();
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(context: { after(clean: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'odbfs-test-'));
  lastFirst(context, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
