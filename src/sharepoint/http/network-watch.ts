/**
 * While there is no network, asks the server now and then whether it is back: one unsigned request whose answer,
 * whatever it says, ends the offline state. So what waits for the network goes on without anybody touching the mount.
 * When the machine slept or its network changed, it asks at once, so that nobody waits for connections that are dead.
 */
import type { Clock } from '../../base/index.js';
import { discard } from './body.js';
import type { JudgeGenuineness } from './genuine-layer.js';
import type { NetworkState } from './network-state.js';
import type { Transport } from './transport.js';

const PROBE_SILENCE_MS = 5_000;

export interface NetworkWatchParts {
  readonly network: NetworkState;
  /** Makes a connection of its own each time. */
  readonly transport: Transport;
  readonly clock: Clock;
  /** Leaves the connections that are open alone: new requests get new ones. */
  readonly renewConnections: () => void;
}

export class NetworkWatch {
  readonly #parts: NetworkWatchParts;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;
  #server: { readonly url: URL; readonly judge: JudgeGenuineness } | null = null;
  #cancel: () => void = () => {};
  #isLooking = false;

  constructor(parts: NetworkWatchParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.network.subscribe(() => this.#schedule());
    parts.network.onSuspicion = () => void this.#look();
  }

  /** What to ask for. */
  knows(url: URL, judge: JudgeGenuineness): void {
    this.#server = { url, judge };
  }

  stop(): void {
    this.#stopping.abort(new Error('stopping'));
    this.#unsubscribe();
    this.#cancel();
  }

  #schedule(): void {
    this.#cancel();
    const { network, clock } = this.#parts;
    const dueInMs = network.probeDueInMs;
    if (dueInMs === null || this.#stopping.signal.aborted) return;
    this.#cancel = clock.after(dueInMs, () => {
      if (network.mayTry()) void this.#look();
      else this.#schedule();
    });
  }

  async #look(): Promise<void> {
    const { network, renewConnections } = this.#parts;
    if (this.#isLooking || this.#server === null || this.#stopping.signal.aborted) return this.#schedule();
    this.#isLooking = true;
    renewConnections();
    const isThere = await this.#isThere(this.#server);
    this.#isLooking = false;
    if (this.#stopping.signal.aborted) return;
    if (isThere) network.answered();
    else network.lost();
    this.#schedule();
  }

  async #isThere({ url, judge }: { readonly url: URL; readonly judge: JudgeGenuineness }): Promise<boolean> {
    try {
      const response = await this.#parts.transport.send(
        {
          method: 'HEAD',
          url: new URL('/', url),
          headers: {},
          body: null,
          lane: 'bulk',
          repeat: 'always',
          silenceMs: PROBE_SILENCE_MS,
          patienceMs: PROBE_SILENCE_MS,
          judge,
        },
        this.#stopping.signal,
      );
      discard(response);
      return true;
    } catch {
      // still nothing there: that is what was asked
      return false;
    }
  }
}
