/** What `odbfs status --json` prints: a contract with scripts and services. Members may be added, none taken away. */
export interface StatusReport {
  readonly accounts: readonly AccountStatus[];
  /** Those that could not tell; only where there are any. */
  readonly untold?: readonly UntoldAccount[];
}

/** Its folder is somebody else's, say. */
export interface UntoldAccount {
  readonly name: string;
  readonly site: string;
  readonly message: string;
}

export type AuthStateName = 'ok' | 'renewing' | 'stale' | 'signed-out' | 'blocked';

/** Times are ISO 8601 in UTC. */
export interface AccountStatus {
  readonly name: string;
  readonly site: string;
  readonly mountpoint: string | null;
  readonly pid: number | null;
  readonly auth: AuthStatus;
  readonly network: {
    readonly state: 'online' | 'offline' | 'throttled';
    readonly until: string | null;
  };
  readonly uploads: UploadStatus;
  readonly tree: {
    readonly items: number;
    readonly complete: boolean;
    readonly changedAt: string | null;
    /** Of attributes asked for, the share that was in memory. */
    readonly hitRatio: number;
  };
  readonly cache: { readonly bytes: number; readonly limitBytes: number; readonly hitRatio: number };
  readonly requests: {
    readonly total: number;
    readonly retried: number;
    readonly throttled: number;
    readonly failed: number;
  };
  readonly quota: { readonly usedBytes: number; readonly totalBytes: number } | null;
}

export interface AuthStatus {
  readonly state: AuthStateName;
  readonly method: string;
  readonly expiresAt: string | null;
  readonly renewedAt: string | null;
  readonly message: string | null;
}

export interface UploadStatus {
  readonly owed: number;
  readonly active: number;
  readonly bytesOwed: number;
  readonly refused: number;
  readonly conflicts: number;
  /** Why something is tried in vain until somebody makes room, or lets go of a lock; only where that is so. */
  readonly obstacle?: string;
}

export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
