/**
 * What was handed out (cookies, tokens, codes) and whether it still holds: by the stand-in's clock, by the user's
 * revocations, and by the password that it was obtained with. A value that was never handed out is malformed.
 */
import type { StandinClock } from '../clock.js';
import type { StandinUser } from '../directory.js';
import type { TicketShelf } from './ticket-shelf.js';

export interface Ticket<Detail> {
  readonly user: StandinUser;
  readonly issuedAtMs: number;
  readonly detail: Detail;
}

export type TicketFault = 'malformed' | 'expired' | 'revoked';

/** Where tickets of a kind outlive the stand-in. */
export interface TicketPlace {
  readonly shelf: TicketShelf;
  readonly kind: string;
}

interface Held<Detail> extends Ticket<Detail> {
  expiresAtMs: number;
  readonly passwordAtIssue: string;
  readonly revokedBeforeAtIssueMs: number;
}

/** The oldest tickets are forgotten beyond this many of one kind. */
const TICKET_LIMIT = 10_000;

export class TicketStore<Detail> {
  readonly #clock: StandinClock;
  readonly #held = new Map<string, Held<Detail>>();
  readonly #place: TicketPlace | null;

  constructor(clock: StandinClock, place: TicketPlace | null = null) {
    this.#clock = clock;
    this.#place = place;
    for (const { value, ...ticket } of place?.shelf.restore<Detail>(place.kind, clock.now()) ?? []) {
      this.#held.set(value, ticket);
    }
  }

  issue(value: string, user: StandinUser, lifetimeMs: number, detail: Detail): string {
    const issuedAtMs = this.#clock.now();
    const held = {
      user,
      issuedAtMs,
      detail,
      expiresAtMs: issuedAtMs + lifetimeMs,
      passwordAtIssue: user.password,
      revokedBeforeAtIssueMs: user.revokedBeforeMs,
    };
    this.#held.set(value, held);
    this.#place?.shelf.put(this.#place.kind, { value, ...held });
    if (this.#held.size > TICKET_LIMIT) this.forget(this.#held.keys().next().value!);
    return value;
  }

  check(value: string): Ticket<Detail> | TicketFault {
    const held = this.#held.get(value);
    if (held === undefined) return 'malformed';
    if (wasRevoked(held)) return 'revoked';
    return this.#clock.now() < held.expiresAtMs ? held : 'expired';
  }

  /** The ticket if it holds, else undefined. */
  valid(value: string): Ticket<Detail> | undefined {
    const found = this.check(value);
    return typeof found === 'string' ? undefined : found;
  }

  forget(value: string): void {
    this.#held.delete(value);
    this.#place?.shelf.drop(this.#place.kind, value);
  }

  /** All that exist now are expired from now on. */
  expireAll(): void {
    const nowMs = this.#clock.now();
    for (const held of this.#held.values()) held.expiresAtMs = Math.min(held.expiresAtMs, nowMs);
    this.#place?.shelf.end(this.#place.kind, nowMs);
  }
}

/**
 * A ticket issued in the very instant of a revocation (a frozen clock makes that common) is revoked if the revocation
 * came after it, which shows in the user's mark having changed since.
 */
function wasRevoked(held: Held<unknown>): boolean {
  if (held.user.password !== held.passwordAtIssue) return true;
  const markMs = held.user.revokedBeforeMs;
  return markMs !== held.revokedBeforeAtIssueMs && held.issuedAtMs <= markMs;
}
