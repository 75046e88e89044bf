/**
 * Keeps over restarts what was handed out and would still hold: cookies, sessions of the login host, tokens, and what
 * became of their users. A sign-in under way, and the count of wrong passwords, begin anew.
 */
import { join } from 'node:path';
import { type Database, openDatabase, type Statement } from '../../base/index.js';
import type { Directory, StandinUser } from '../directory.js';

const SCHEMA = `
  CREATE TABLE tickets (
    kind TEXT NOT NULL, value TEXT NOT NULL, upn TEXT NOT NULL, issued REAL NOT NULL, expires REAL NOT NULL,
    password TEXT NOT NULL, revoked_before REAL NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (kind, value)
  ) STRICT;
  CREATE TABLE users (upn TEXT PRIMARY KEY, password TEXT NOT NULL, revoked_before REAL NOT NULL) STRICT;
`;

/** One ticket as it is kept. */
export interface ShelvedTicket<Detail> {
  readonly value: string;
  readonly user: StandinUser;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly passwordAtIssue: string;
  readonly revokedBeforeAtIssueMs: number;
  readonly detail: Detail;
}

interface TicketRow {
  readonly value: string;
  readonly upn: string;
  readonly issued: number;
  readonly expires: number;
  readonly password: string;
  readonly revoked_before: number;
  readonly detail: string;
}

interface UserRow {
  readonly upn: string;
  readonly password: string;
  readonly revoked_before: number;
}

export class TicketShelf {
  readonly #database: Database;
  readonly #directory: Directory;
  readonly #put: Statement;
  readonly #drop: Statement;
  readonly #end: Statement;
  readonly #putUser: Statement;

  constructor(stateDir: string, directory: Directory) {
    this.#database = openDatabase({ path: join(stateDir, 'sign-in.db'), migrations: [SCHEMA] });
    this.#directory = directory;
    this.#put = this.#database.prepare('REPLACE INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#drop = this.#database.prepare('DELETE FROM tickets WHERE kind = ? AND value = ?');
    this.#end = this.#database.prepare('UPDATE tickets SET expires = min(expires, ?) WHERE kind = ?');
    this.#putUser = this.#database.prepare('REPLACE INTO users VALUES (?, ?, ?)');
    for (const row of this.#database.prepare('SELECT * FROM users').all() as UserRow[]) {
      const user = directory.find(row.upn);
      if (user) Object.assign(user, { password: row.password, revokedBeforeMs: row.revoked_before });
    }
  }

  /** All of a kind that had not ended at `nowMs`, the oldest first; the others are forgotten. */
  restore<Detail>(kind: string, nowMs: number): ShelvedTicket<Detail>[] {
    this.#database.prepare('DELETE FROM tickets WHERE kind = ? AND expires <= ?').run(kind, nowMs);
    const rows = this.#database.prepare('SELECT * FROM tickets WHERE kind = ? ORDER BY issued').all(kind);
    return (rows as TicketRow[]).flatMap((row) => {
      const user = this.#directory.find(row.upn);
      return user === undefined ? [] : [ticketOf<Detail>(row, user)];
    });
  }

  put(kind: string, ticket: ShelvedTicket<unknown>): void {
    const { value, user, issuedAtMs, expiresAtMs, passwordAtIssue, revokedBeforeAtIssueMs, detail } = ticket;
    const fields = [issuedAtMs, expiresAtMs, passwordAtIssue, revokedBeforeAtIssueMs, JSON.stringify(detail)];
    this.#put.run(kind, value, user.upn, ...fields);
    this.#keepUser(user);
  }

  drop(kind: string, value: string): void {
    this.#drop.run(kind, value);
  }

  /** All of a kind have ended by `nowMs`. */
  end(kind: string, nowMs: number): void {
    this.#end.run(nowMs, kind);
  }

  close(): void {
    if (!this.#database.open) return;
    for (const user of this.#directory.users) this.#keepUser(user);
    this.#database.close();
  }

  #keepUser({ upn, password, revokedBeforeMs }: StandinUser): void {
    this.#putUser.run(upn, password, revokedBeforeMs);
  }
}

function ticketOf<Detail>(row: TicketRow, user: StandinUser): ShelvedTicket<Detail> {
  return {
    value: row.value,
    user,
    issuedAtMs: row.issued,
    expiresAtMs: row.expires,
    passwordAtIssue: row.password,
    revokedBeforeAtIssueMs: row.revoked_before,
    detail: JSON.parse(row.detail) as Detail,
  };
}
