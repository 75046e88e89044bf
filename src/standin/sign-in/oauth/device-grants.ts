/**
 * Device codes and how far each came (RFC 8628, protocol notes 1h): waiting, then granted or declined by a person; too
 * old after a while; polled too fast when a poll comes within the interval, which then grows by five seconds.
 */
import type { StandinUser } from '../../directory.js';
import { BoundedMap } from '../bounded-map.js';
import type { SignInContext } from '../contract.js';

export type DeviceState =
  | { readonly is: 'waiting' }
  | { readonly is: 'granted'; readonly user: StandinUser; readonly mfaDone: boolean }
  | { readonly is: 'declined' };

export interface DeviceGrant {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAtMs: number;
  intervalMs: number;
  lastPollAtMs: number;
  state: DeviceState;
}

const GRANT_LIMIT = 1_000;
const SLOW_DOWN_MS = 5_000;
/** A timer may fire this much early. */
const POLL_TOLERANCE_MS = 250;
/** No vowels and no digits that look like letters. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ23456789';
const USER_CODE_LENGTH = 9;

export class DeviceGrants {
  readonly #context: SignInContext;
  readonly #grants = new BoundedMap<DeviceGrant>(GRANT_LIMIT);

  constructor(context: SignInContext) {
    this.#context = context;
  }

  start(clientId: string, scope: string): DeviceGrant {
    const { random, clock, switches } = this.#context;
    const grant: DeviceGrant = {
      deviceCode: random.bytes(120).toString('base64url'),
      userCode: this.#userCode(),
      clientId,
      scope,
      expiresAtMs: clock.now() + switches.deviceCodeSeconds * 1000,
      intervalMs: switches.deviceIntervalSeconds * 1000,
      lastPollAtMs: Number.NEGATIVE_INFINITY,
      state: { is: 'waiting' },
    };
    this.#grants.set(grant.deviceCode, grant);
    return grant;
  }

  find(deviceCode: string): DeviceGrant | undefined {
    return this.#grants.get(deviceCode);
  }

  /** The one that waits for this code, as a person types it. */
  findByUserCode(userCode: string): DeviceGrant | undefined {
    const wanted = userCode.replace(/[\s-]/g, '').toUpperCase();
    for (const grant of this.#grants.values()) {
      if (grant.userCode === wanted && grant.state.is === 'waiting' && !this.isOver(grant)) return grant;
    }
    return undefined;
  }

  isOver(grant: DeviceGrant): boolean {
    return this.#context.clock.now() >= grant.expiresAtMs;
  }

  /** Notes a poll; false when it came too soon. */
  poll(grant: DeviceGrant): boolean {
    const nowMs = this.#context.clock.now();
    const isSoon = nowMs - grant.lastPollAtMs < grant.intervalMs - POLL_TOLERANCE_MS;
    grant.lastPollAtMs = nowMs;
    if (isSoon) grant.intervalMs += SLOW_DOWN_MS;
    return !isSoon;
  }

  forget(grant: DeviceGrant): void {
    this.#grants.delete(grant.deviceCode);
  }

  #userCode(): string {
    const { random } = this.#context;
    return Array.from(
      { length: USER_CODE_LENGTH },
      () => USER_CODE_LETTERS[random.integer(USER_CODE_LETTERS.length)],
    ).join('');
  }
}
