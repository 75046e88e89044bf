/** What was asked of the stand-in, for tests to count and for people to read. Bounded; the oldest entries go first. */
import type { HostRole } from './hosts.js';

export interface LogEntry {
  readonly atMs: number;
  readonly method: string;
  readonly role: HostRole;
  readonly path: string;
  /** The method, and for `_api` the last name of the path: `POST RenderListDataAsStream`. */
  readonly operation: string;
  readonly userAgent: string;
  /** -1: cut without an answer. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
}

export interface LogCounts {
  readonly total: number;
  readonly byMethod: Record<string, number>;
  readonly byOperation: Record<string, number>;
  readonly byStatus: Record<string, number>;
  readonly byUserAgent: Record<string, number>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The most requests that were under way at once. */
  readonly peakConcurrency: number;
}

const ENTRY_LIMIT = 20_000;

export class RequestLog {
  #entries: LogEntry[] = [];
  #underWay = 0;
  #peak = 0;

  begin(): void {
    this.#underWay++;
    this.#peak = Math.max(this.#peak, this.#underWay);
  }

  end(entry: Omit<LogEntry, 'operation'>): void {
    this.#underWay--;
    this.#entries.push({ ...entry, operation: operationOf(entry.method, entry.path) });
    if (this.#entries.length > ENTRY_LIMIT) this.#entries = this.#entries.slice(ENTRY_LIMIT / 10);
  }

  /** Oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
    this.#peak = this.#underWay;
  }

  counts(): LogCounts {
    const by = (key: (entry: LogEntry) => string | number) => {
      const counts: Record<string, number> = {};
      for (const entry of this.#entries) counts[key(entry)] = (counts[key(entry)] ?? 0) + 1;
      return counts;
    };
    return {
      total: this.#entries.length,
      byMethod: by((entry) => entry.method),
      byOperation: by((entry) => entry.operation),
      byStatus: by((entry) => entry.status),
      byUserAgent: by((entry) => entry.userAgent),
      bytesIn: this.#entries.reduce((sum, entry) => sum + entry.bytesIn, 0),
      bytesOut: this.#entries.reduce((sum, entry) => sum + entry.bytesOut, 0),
      peakConcurrency: this.#peak,
    };
  }
}

function operationOf(method: string, path: string): string {
  const at = path.toLowerCase().indexOf('/_api/');
  if (at < 0) return method;
  const bare = path.slice(at + '/_api/'.length).replace(/\((?:%27|')(?:.*?)(?:%27|')[^)]*\)/g, '');
  const last = bare.replace(/\/+$/, '').split('/').pop() ?? '';
  return `${method} ${last.replace(/\(.*$/, '')}`;
}
