/**
 * The service's patience (protocol notes 4): requests per window and user, less for an undecorated User-Agent; what is
 * refused counts too; RateLimit headers from 80 % on, and not on a 429; guessing personal sites ends all of them.
 */
import type { Answer, StandinRequest } from './request.js';
import type { World } from './world.js';

const NEAR_LIMIT = 0.8;

interface Window {
  startMs: number;
  count: number;
}

export class Throttle {
  readonly #world: Pick<World, 'clock' | 'switches'>;
  readonly #windows = new Map<string, Window>();
  #probes: Window = { startMs: 0, count: 0 };

  constructor(world: Pick<World, 'clock' | 'switches'>) {
    this.#world = world;
  }

  /** Counts the request; the answer that refuses it, or null. */
  refuse(request: StandinRequest): Answer | null {
    const { switches } = this.#world;
    const window = this.#windowOf(request);
    window.count++;
    if (switches.throttleNext > 0) {
      switches.throttleNext--;
      return this.#answer(switches.throttleStatus, window);
    }
    if (switches.unavailableNext > 0) {
      switches.unavailableNext--;
      return this.#answer(503, window);
    }
    const limit = this.#limitOf(request);
    if (limit > 0 && window.count > limit) return this.#answer(switches.throttleStatus, window);
    return this.#isProbed() ? this.#answer(429, this.#probes) : null;
  }

  /** `RateLimit-*` for an answer that was not refused (IETF draft 3). */
  headers(request: StandinRequest): Record<string, string> {
    const limit = this.#limitOf(request);
    if (limit === 0) return {};
    const window = this.#windowOf(request);
    if (window.count < limit * NEAR_LIMIT) return {};
    return {
      'RateLimit-Limit': String(limit),
      'RateLimit-Remaining': String(Math.max(0, limit - window.count)),
      'RateLimit-Reset': String(this.#secondsLeft(window)),
    };
  }

  /** Somebody asked for a personal site that is not there. */
  noteProbe(): void {
    this.#probes = this.#fresh(this.#probes);
    this.#probes.count++;
  }

  reset(): void {
    this.#windows.clear();
    this.#probes = { startMs: 0, count: 0 };
  }

  #isProbed(): boolean {
    this.#probes = this.#fresh(this.#probes);
    const { probeLimit } = this.#world.switches;
    return probeLimit > 0 && this.#probes.count > probeLimit;
  }

  #limitOf(request: StandinRequest): number {
    const { throttleAfter, undecoratedFactor } = this.#world.switches;
    return isDecorated(request) ? throttleAfter : Math.floor(throttleAfter * undecoratedFactor);
  }

  #windowOf(request: StandinRequest): Window {
    const key = isDecorated(request) ? 'decorated' : 'plain';
    const window = this.#fresh(this.#windows.get(key) ?? { startMs: 0, count: 0 });
    this.#windows.set(key, window);
    return window;
  }

  #fresh(window: Window): Window {
    const nowMs = this.#world.clock.now();
    const isOver = nowMs - window.startMs >= this.#world.switches.throttleWindowSeconds * 1000;
    return isOver ? { startMs: nowMs, count: 0 } : window;
  }

  #secondsLeft(window: Window): number {
    const endMs = window.startMs + this.#world.switches.throttleWindowSeconds * 1000;
    return Math.max(1, Math.ceil((endMs - this.#world.clock.now()) / 1000));
  }

  /** Says at least `throttleRetryAfterSeconds`; never later than when the window ends, but for that. */
  #answer(status: number, window: Window): Answer {
    const { switches, clock } = this.#world;
    const isStorm = switches.throttleAfter === 0 && !this.#isProbed();
    const seconds = isStorm
      ? switches.throttleRetryAfterSeconds
      : Math.max(switches.throttleRetryAfterSeconds, this.#secondsLeft(window));
    const value =
      switches.retryAfterForm === 'date'
        ? new Date(clock.now() + seconds * 1000).toUTCString()
        : String(seconds);
    return {
      status,
      reason: status === 503 ? 'SERVER TOO BUSY' : 'TOO MANY REQUESTS',
      headers: {
        'Content-Type': 'text/plain; charset=utf-8',
        ...(switches.retryAfterForm === 'missing' ? {} : { 'Retry-After': value }),
      },
      body: status === 503 ? '503 SERVER TOO BUSY' : '429 TOO MANY REQUESTS',
    };
  }
}

function isDecorated(request: StandinRequest): boolean {
  return /\b(NON)?ISV\|/.test(String(request.headers['user-agent'] ?? ''));
}
