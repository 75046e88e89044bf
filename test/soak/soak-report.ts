/** What a failed soak leaves to understand it by: once the test is over, its mount, its server and its journal are gone. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { LogEntry } from '../../src/standin/index.js';
import type { MountedDrive } from '../support/mounted-drive.js';

const REQUESTS_SHOWN = 150;
const WARNINGS_SHOWN = 20;

interface OwedRow {
  readonly ino: number;
  readonly parent: number | null;
  readonly origin_parent: number | null;
}

/** A line each for what is owed, who the items concerned are, what the server has, and what went on last. */
export async function soakReport(drive: MountedDrive): Promise<string> {
  const there = (await drive.tree()).map(
    ({ path, kind, id, version }) => `${path} ${kind} ${id} v${version}`,
  );
  const asked = (await drive.server.control<LogEntry[]>('log')).slice(-REQUESTS_SHOWN).map(requestLine);
  return [
    '-- on the server',
    ...there,
    '-- warnings of the daemon',
    ...drive.warnings().slice(-WARNINGS_SHOWN),
    '-- requests',
    ...asked,
    '-- owed',
    ...owedLines(join(drive.stateDir, 'journal.db')),
  ].join('\n');
}

function owedLines(journalPath: string): string[] {
  const journal = new Database(journalPath, { readonly: true });
  try {
    const owed = journal.prepare<[], OwedRow>('SELECT * FROM owed').all();
    const concerned = new Set(owed.flatMap((row) => [row.ino, row.parent, row.origin_parent]));
    const identities = journal.prepare<[], { ino: number }>('SELECT * FROM identities').all();
    return [...owed, ...identities.filter(({ ino }) => concerned.has(ino))].map((row) => JSON.stringify(row));
  } finally {
    journal.close();
  }
}

function requestLine({ atMs, method, path, operation, status, durationMs }: LogEntry): string {
  const at = new Date(atMs).toISOString().slice(11, 23);
  return `${at} ${method} ${path} ${operation} ${status} ${Math.round(durationMs)} ms`;
}
