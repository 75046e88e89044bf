/**
 * Asks the server who we are (protocol notes 1(g), pre-flight), to tell "may not do that" from "is not signed in" when
 * a refusal says neither. One question serves all who wonder at the same time, and its answer for a moment.
 */
import type { Clock } from '../../base/index.js';
import type { Lane } from '../../drive/index.js';
import { signInVerdict, spuriousRepeats } from '../wire/not-signed-in.js';
import type { Authenticator } from './authenticator.js';
import { discard } from './body.js';
import type { Transport } from './transport.js';

/** For so long an answer is taken for the present state. */
const ANSWER_LIFE_MS = 5_000;
const PATIENCE_MS = 10_000;

export class SessionProbe {
  readonly #url: URL;
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  #aliveUntilMs = 0;
  #asking: Promise<boolean> | null = null;

  /** `url`: `<web>/_api/web/currentuser?$select=Id`. */
  constructor(url: URL, authenticator: Authenticator, clock: Clock) {
    this.#url = url;
    this.#authenticator = authenticator;
    this.#clock = clock;
  }

  async isAlive(transport: Transport, lane: Lane, signal: AbortSignal): Promise<boolean> {
    if (this.#clock.monotonic() < this.#aliveUntilMs) return true;
    if (this.#asking === null) {
      // not bound to the first asker's signal: others wait for the same answer
      this.#asking = this.#ask(transport, lane).finally(() => {
        this.#asking = null;
      });
    }
    const alive = await this.#asking;
    signal.throwIfAborted();
    return alive;
  }

  async #ask(transport: Transport, lane: Lane): Promise<boolean> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (let spurious = 0; ; spurious += 1) {
      const { isAlive, repeats } = await this.#once(transport, lane, signal);
      if (!isAlive && spurious < repeats) continue;
      if (isAlive) this.#aliveUntilMs = this.#clock.monotonic() + ANSWER_LIFE_MS;
      return isAlive;
    }
  }

  /** `repeats`: so often is another answer worth asking for. */
  async #once(
    transport: Transport,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<{ isAlive: boolean; repeats: number }> {
    const signed = await this.#authenticator.apply(this.#url, signal);
    const response = await transport.send(
      {
        method: 'GET',
        url: this.#url,
        headers: { accept: 'application/json;odata=nometadata', ...signed.headers },
        body: null,
        lane,
        repeat: 'always',
        silenceMs: PATIENCE_MS,
        patienceMs: PATIENCE_MS,
      },
      signal,
    );
    discard(response);
    const { status, headers } = response;
    const verdict = signInVerdict({ status, headers, url: this.#url }, 'page');
    if (verdict.kind === 'fine') return { isAlive: true, repeats: 0 };
    return { isAlive: false, repeats: spuriousRepeats(verdict.challenge, headers) };
  }
}
