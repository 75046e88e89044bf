/**
 * The request digest of one web (protocol notes 3.1): asked for once by all who need it, kept for as long as the
 * server says less a minute, thrown away when it was refused.
 */
import type { Clock } from '../../base/index.js';
import { DriveError, type RequestOptions } from '../../drive/index.js';
import { bytesBody } from '../http/body.js';
import type { Transport } from '../http/transport.js';
import { restUrl } from '../wire/rest-url.js';
import { accepted, metadataRequest } from './remote.js';
import { field, jsonOf, numberIn, stringIn } from './rest-client.js';

const EARLY_MS = 60_000;
/** Younger than this, a digest that is refused is no matter of time. */
const AGED_MS = 1_000;
const DEFAULT_LIFE_S = 1_800;

export class RequestDigest {
  readonly #url: URL;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #value: string | null = null;
  #goodUntilMs = 0;
  #gotAtMs = 0;
  #asking: Promise<string> | null = null;
  /** Server's clock less ours, milliseconds; null until a digest told. */
  skewMs: number | null = null;

  constructor(webUrl: URL, transport: Transport, clock: Clock) {
    this.#url = restUrl(webUrl, { path: 'contextinfo' });
    this.#transport = transport;
    this.#clock = clock;
  }

  async value(options: RequestOptions): Promise<string> {
    if (this.#value !== null && this.#clock.monotonic() < this.#goodUntilMs) return this.#value;
    this.#asking ??= this.#ask(options).finally(() => {
      this.#asking = null;
    });
    try {
      return await this.#asking;
    } catch (error) {
      // the one who asked for all gave up: the others ask for themselves
      if (error instanceof DriveError || options.signal.aborted) throw error;
      return this.value(options);
    }
  }

  /** It may have ended on its way: behind a pause that the server asked for, or in somebody else's refusal. */
  mayHaveAged(value: string | null): boolean {
    return value !== this.#value || this.#clock.monotonic() - this.#gotAtMs > AGED_MS;
  }

  /** The server refused this one. A newer one, got meanwhile, stays. */
  forget(value: string | null): void {
    if (value === this.#value) this.#value = null;
  }

  async #ask(options: RequestOptions): Promise<string> {
    const request = metadataRequest('POST', this.#url, options, {
      headers: { accept: 'application/json;odata=nometadata' },
      body: bytesBody(''),
      isQuestion: true,
    });
    const response = await accepted(
      await this.#transport.send(request, options.signal),
      'quota',
      'contextinfo',
    );
    const json = await jsonOf(response);
    const info = field(json, 'GetContextWebInformation') ?? json;
    const value = stringIn(field(info, 'FormDigestValue'));
    if (value === null) throw new DriveError('protocol', 'the server gave no request digest');
    const lifeSeconds = numberIn(field(info, 'FormDigestTimeoutSeconds')) ?? DEFAULT_LIFE_S;
    this.#value = value;
    this.#gotAtMs = this.#clock.monotonic();
    this.#goodUntilMs = this.#gotAtMs + Math.max(1_000, lifeSeconds * 1000 - EARLY_MS);
    this.#noteSkew(value);
    return value;
  }

  /** `0x<hex>,22 Nov 2026 01:20:00 -0000`: the date is the server's clock. */
  #noteSkew(value: string): void {
    const serverMs = Date.parse(value.slice(value.indexOf(',') + 1));
    if (!Number.isNaN(serverMs)) this.skewMs = serverMs - this.#clock.now();
  }
}
