/**
 * SharePoint's REST services of one web: builds the URLs, adds the request digest where the sign-in needs one (and gets
 * a new one when it is refused), reads JSON in all its metadata modes. Judges nothing else.
 */
import type { RequestOptions } from '../../drive/index.js';
import type { Authenticator } from '../http/authenticator.js';
import { bytesBody, readText, replayedBody } from '../http/body.js';
import type { HttpRequest, HttpResponse, Transport } from '../http/transport.js';
import { isDigestRefusal } from '../wire/rest-error.js';
import { type RestCall, restUrl } from '../wire/rest-url.js';
import { type Asking, contentRequest, errorText, metadataRequest } from './remote.js';
import type { RequestDigest } from './request-digest.js';

export interface RestClientOptions {
  readonly webUrl: URL;
  readonly transport: Transport;
  readonly authenticator: Authenticator;
  readonly digest: RequestDigest;
}

const ACCEPT = 'application/json;odata=nometadata';
/** Digests that one request is tried with. */
const MOST_DIGESTS = 5;
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

export class RestClient {
  readonly webUrl: URL;
  readonly #options: RestClientOptions;

  constructor(options: RestClientOptions) {
    this.webUrl = options.webUrl;
    this.#options = options;
  }

  get(call: RestCall, options: RequestOptions, asking: Asking = {}): Promise<HttpResponse> {
    const headers = { accept: ACCEPT, ...asking.headers };
    const request = metadataRequest('GET', restUrl(this.webUrl, call), options, { ...asking, headers });
    return this.#options.transport.send(request, options.signal);
  }

  /** A POST with a small body, or none. */
  post(call: RestCall, options: RequestOptions, asking: Asking = {}): Promise<HttpResponse> {
    const headers = { accept: ACCEPT, ...asking.headers };
    const body = asking.body ?? bytesBody('');
    return this.#write(
      metadataRequest('POST', restUrl(this.webUrl, call), options, { ...asking, headers, body }),
      options,
    );
  }

  /** A POST of JSON. */
  postJson(
    call: RestCall,
    json: unknown,
    options: RequestOptions,
    asking: Asking = {},
  ): Promise<HttpResponse> {
    const headers = { 'content-type': 'application/json;odata=nometadata', ...asking.headers };
    return this.post(call, options, { ...asking, headers, body: bytesBody(JSON.stringify(json)) });
  }

  /** A POST that carries content. */
  postContent(
    call: RestCall,
    options: RequestOptions,
    asking: Asking & { readonly bytes: number },
  ): Promise<HttpResponse> {
    const headers = { accept: ACCEPT, 'content-type': 'application/octet-stream', ...asking.headers };
    return this.#write(
      contentRequest('POST', restUrl(this.webUrl, call), options, { ...asking, headers }),
      options,
    );
  }

  async #write(request: HttpRequest, options: RequestOptions): Promise<HttpResponse> {
    const { digest } = this.#options;
    const isNeeded = await this.#needsDigest(request.url, options);
    for (let tries = 1; ; tries += 1) {
      const given = isNeeded || tries > 1 ? await digest.value(options) : null;
      const response = await this.#sendWith(request, given, options);
      if (response.status !== 403) return response;
      const text = await errorText(response);
      const seen = { ...response, body: replayedBody([Buffer.from(text)]) };
      if (!isDigestRefusal(text) || tries === MOST_DIGESTS) return seen;
      // Refused though it is new: so would be the next one. What is left is the server's word, which others judge.
      if (tries > 1 && !digest.mayHaveAged(given)) return seen;
      digest.forget(given);
    }
  }

  #sendWith(request: HttpRequest, digest: string | null, { signal }: RequestOptions): Promise<HttpResponse> {
    const headers = digest === null ? request.headers : { ...request.headers, 'x-requestdigest': digest };
    return this.#options.transport.send({ ...request, headers }, signal);
  }

  async #needsDigest(url: URL, { signal }: RequestOptions): Promise<boolean> {
    const { bearer } = await this.#options.authenticator.apply(url, signal);
    return !bearer;
  }
}

/** The JSON of an answer, out of its verbose wrapping (`{"d":{"StartUpload":"1"}}` gives the inner object). */
export async function jsonOf(response: HttpResponse): Promise<unknown> {
  const text = await readText(response, LONGEST_ANSWER_BYTES);
  if (text.trim() === '') return {};
  return unwrapped(JSON.parse(text));
}

export function unwrapped(value: unknown): unknown {
  const inner = field(value, 'd');
  return inner === undefined ? value : inner;
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A number that may come as text (protocol notes 5.2.14); null for what is none. */
export function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

export function stringIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
