/** Counts and remembers what happened at sign-in, so that a test can say "no second wrong password was sent". */
import type { StandinClock } from '../clock.js';

export type SignInEventName =
  | 'password-accepted'
  | 'password-wrong'
  | 'password-refused' // locked, unknown user, or the user's fate forbids it
  | 'mfa-accepted'
  | 'mfa-wrong'
  | 'page-shown' // any page that needs a person
  | 'interactive-sign-in' // a browser sign-in that went through pages
  | 'silent-renewal' // the same without any page
  | 'sibling-sign-in' // rtFa alone
  | 'forms-cookies' // FedAuth given out
  | 'native-exchange' // SPOIDCRL for a bearer
  | 'idcrl-exchange'
  | 'legacy-token'
  | 'legacy-refused'
  | 'adfs-assertion'
  | 'code-redeemed'
  | 'token-refreshed'
  | 'token-refused'
  | 'device-started'
  | 'device-polled'
  | 'ntlm-accepted'
  | 'signed-out'
  | 'session-refused';

export interface SignInEvent {
  readonly atMs: number;
  readonly name: SignInEventName;
  /** The user as far as one was named. */
  readonly upn: string | null;
  /** The reason or the code; never a secret. */
  readonly note: string | null;
}

/** The oldest events are forgotten beyond this many; the counts stay. */
const EVENT_LIMIT = 2_000;

export class SignInLog {
  readonly #clock: StandinClock;
  readonly #counts = new Map<SignInEventName, number>();
  readonly #events: SignInEvent[] = [];

  constructor(clock: StandinClock) {
    this.#clock = clock;
  }

  add(name: SignInEventName, upn: string | null = null, note: string | null = null): void {
    this.#counts.set(name, this.count(name) + 1);
    this.#events.push({ atMs: this.#clock.now(), name, upn, note });
    if (this.#events.length > EVENT_LIMIT) this.#events.shift();
  }

  count(name: SignInEventName): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Only what has happened at all. */
  counts(): Partial<Record<SignInEventName, number>> {
    return Object.fromEntries(this.#counts);
  }

  events(): readonly SignInEvent[] {
    return this.#events;
  }
}
