/** The accidents that switches ask for before a request is looked at: drops, hangs, errors, redirects. */
import { DAV_METHODS } from './dav/index.js';
import type { HttpExchange } from './http-exchange.js';
import type { Answer } from './request.js';
import type { Switches } from './switches.js';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND']);

export class Faults {
  readonly #switches: Switches;
  #seen = 0;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** `go on`, `answered` when the request met its accident, or the answer to give. */
  strike(exchange: HttpExchange): 'go on' | 'answered' | Answer {
    const { faultMatch } = this.#switches;
    if (faultMatch !== '' && !`${exchange.method} ${exchange.path}`.includes(faultMatch)) return 'go on';
    if (this.#takes('hangNext')) return 'answered';
    if (this.#takes('dropNext')) {
      exchange.cut();
      return 'answered';
    }
    if (!READS.has(exchange.method) && this.#takes('completeThenDropNext')) exchange.swallowReply = true;
    return this.#answer(exchange) ?? 'go on';
  }

  #answer(exchange: HttpExchange): Answer | null {
    const { failStatus, spuriousUnauthorizedEvery, spuriousUnauthorizedOffersToken } = this.#switches;
    if (this.#takes('failNext'))
      return { status: failStatus, headers: TEXT, body: `${failStatus} as a switch asked` };
    if (this.#takes('redirectToPlain')) {
      return { status: 302, headers: { Location: `http://${exchange.host}${exchange.path}` } };
    }
    const isDav = DAV_METHODS.has(exchange.method) && !READS.has(exchange.method);
    if ((isDav || exchange.method === 'PROPFIND') && this.#takes('redirectDav')) {
      return { status: 302, headers: { Location: exchange.path } };
    }
    this.#seen++;
    if (spuriousUnauthorizedEvery > 0 && this.#seen % spuriousUnauthorizedEvery === 0) {
      const offer = spuriousUnauthorizedOffersToken ? { 'WWW-Authenticate': 'Bearer realm="standin"' } : {};
      return { status: 401, headers: { ...TEXT, ...offer }, body: 'Unable to initialize RPS' };
    }
    return null;
  }

  /** Counts a switch down; true when it was not yet at zero. */
  #takes(
    name: 'hangNext' | 'dropNext' | 'completeThenDropNext' | 'failNext' | 'redirectToPlain' | 'redirectDav',
  ): boolean {
    if (this.#switches[name] <= 0) return false;
    this.#switches[name]--;
    return true;
  }
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
