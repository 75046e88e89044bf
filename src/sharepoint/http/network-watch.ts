/**
 * While there is no network, asks the server now and then whether it is back: one unsigned request whose answer,
 * whatever it says, ends the offline state. So what waits for the network goes on without anybody touching the mount.
 */
import type { Clock } from '../../base/index.js';
import { discard } from './body.js';
import type { NetworkState } from './network-state.js';
import type { Transport } from './transport.js';

const PROBE_SILENCE_MS = 5_000;

export class NetworkWatch {
  readonly #network: NetworkState;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;
  #url: URL | null = null;
  #cancel: () => void = () => {};

  constructor(network: NetworkState, transport: Transport, clock: Clock) {
    this.#network = network;
    this.#transport = transport;
    this.#clock = clock;
    this.#unsubscribe = network.subscribe(() => this.#schedule());
  }

  /** What to ask for. */
  knows(url: URL): void {
    this.#url = url;
  }

  stop(): void {
    this.#stopping.abort(new Error('stopping'));
    this.#unsubscribe();
    this.#cancel();
  }

  #schedule(): void {
    this.#cancel();
    const dueInMs = this.#network.probeDueInMs;
    if (dueInMs === null || this.#stopping.signal.aborted) return;
    this.#cancel = this.#clock.after(dueInMs, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const url = this.#url;
    if (url === null || !this.#network.mayTry()) return this.#schedule();
    try {
      const response = await this.#transport.send(
        {
          method: 'HEAD',
          url: new URL('/', url),
          headers: {},
          body: null,
          lane: 'bulk',
          repeat: 'always',
          silenceMs: PROBE_SILENCE_MS,
          patienceMs: PROBE_SILENCE_MS,
        },
        this.#stopping.signal,
      );
      discard(response);
      this.#network.answered();
    } catch {
      // still nothing there: that is what was asked
      this.#schedule();
    }
  }
}
