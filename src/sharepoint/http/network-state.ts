/**
 * Whether the server can be reached, as far as our own requests tell: `online`, `offline` (nothing gets through:
 * requests fail at once, but for a probe now and then) or `throttled` until a given time. Shown by `status`.
 */
import type { Clock } from '../../base/index.js';

export type NetworkStatus =
  | { readonly state: 'online' }
  | { readonly state: 'offline'; readonly sinceMs: number }
  /** Wall clock, milliseconds since 1970. */
  | { readonly state: 'throttled'; readonly untilMs: number };

/**
 * What failures in a row, without an answer in between, add up to until the network counts as gone: two connections
 * that could not be made, or six that broke or fell silent.
 */
const GONE = 6;
const NO_CONNECTION = 3;
const BROKEN_CONNECTION = 1;
/** Connections that break together break for one reason, and count once. */
const TOGETHER_MS = 250;
/** Silence gives no more reason than this often to look whether the server is there. */
const SUSPICION_INTERVAL_MS = 10_000;
const FIRST_PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 10_000;

export class NetworkState {
  readonly #clock: Clock;
  readonly #listeners = new Set<(status: NetworkStatus) => void>();
  #offlineSinceMs: number | null = null;
  #forced = false;
  #throttledUntilMs = 0;
  #failures = 0;
  #brokeAtMs = Number.NEGATIVE_INFINITY;
  #probeDelayMs = FIRST_PROBE_MS;
  #nextProbeAtMs = 0;
  #suspectedAtMs = Number.NEGATIVE_INFINITY;
  #shown = 'online';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get status(): NetworkStatus {
    // By order: nobody waits for it to be over.
    if (this.#forced) return { state: 'offline', sinceMs: 0 };
    if (this.#offlineSinceMs !== null) return { state: 'offline', sinceMs: this.#offlineSinceMs };
    if (this.#throttledUntilMs > this.#clock.now())
      return { state: 'throttled', untilMs: this.#throttledUntilMs };
    return { state: 'online' };
  }

  /** Called when there is reason to look whether the server can still be reached. */
  onSuspicion: () => void = () => {};

  /** Called whenever the state has changed. Returns the way to stop. */
  subscribe(listener: (status: NetworkStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True when a request may go out: online, or the time has come to probe with this one. */
  mayTry(): boolean {
    if (this.#forced) return false;
    if (this.#offlineSinceMs === null) return true;
    if (this.#clock.monotonic() < this.#nextProbeAtMs) return false;
    this.#scheduleProbe();
    return true;
  }

  /** How long until a probe is due; null when online or when offline by order. */
  get probeDueInMs(): number | null {
    if (this.#forced || this.#offlineSinceMs === null) return null;
    return Math.max(0, this.#nextProbeAtMs - this.#clock.monotonic());
  }

  /** The server answered, whatever it said. */
  answered(): void {
    this.#failures = 0;
    this.#probeDelayMs = FIRST_PROBE_MS;
    this.#offlineSinceMs = null;
    this.#announce();
  }

  /** A request got no answer; `connected`: the server could be reached for it at first. */
  failed(connected: boolean): void {
    if (connected && !this.#isNewBreak()) return;
    this.#failures += connected ? BROKEN_CONNECTION : NO_CONNECTION;
    if (this.#failures >= GONE) this.lost();
  }

  /** The machine slept, or its network changed: what was known of the way to the server is old. */
  suspect(): void {
    if (!this.#forced) this.onSuspicion();
  }

  /** A request has waited for its answer for suspiciously long: the packets may be lost on the way (a VPN that left). */
  silent(): void {
    const nowMs = this.#clock.monotonic();
    if (this.#offlineSinceMs !== null || nowMs - this.#suspectedAtMs < SUSPICION_INTERVAL_MS) return;
    this.#suspectedAtMs = nowMs;
    this.suspect();
  }

  /** The server was looked for and is not there. */
  lost(): void {
    this.#failures = GONE;
    if (this.#offlineSinceMs !== null) return;
    this.#offlineSinceMs = this.#clock.now();
    this.#scheduleProbe();
    this.#announce();
  }

  throttledUntil(untilMs: number): void {
    this.#throttledUntilMs = Math.max(this.#throttledUntilMs, untilMs);
    this.#announce();
    this.#clock.after(Math.max(0, untilMs - this.#clock.now()) + 1, () => this.#announce());
  }

  /** Offline by order (`-o offline`), whatever the network says. */
  force(offline: boolean): void {
    this.#forced = offline;
    this.#announce();
  }

  #isNewBreak(): boolean {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#brokeAtMs < TOGETHER_MS) return false;
    this.#brokeAtMs = nowMs;
    return true;
  }

  #scheduleProbe(): void {
    this.#nextProbeAtMs = this.#clock.monotonic() + this.#probeDelayMs;
    this.#probeDelayMs = Math.min(this.#probeDelayMs * 2, LONGEST_PROBE_MS);
  }

  #announce(): void {
    const { status } = this;
    const shown = JSON.stringify(status);
    if (shown === this.#shown || (status.state === 'online' && this.#shown === 'online')) return;
    this.#shown = status.state === 'online' ? 'online' : shown;
    for (const listener of this.#listeners) listener(status);
  }
}
