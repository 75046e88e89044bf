/**
 * A plain client for the tests of the stand-in: real HTTP/1.1, a signed-in user, nothing followed, nothing retried,
 * nothing decoded. Shares nothing with the daemon's own client.
 */
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import type { Standin, StandinOptions } from '../../src/standin/index.js';
import { standinFor } from './standin-sign-in.js';

export const SITE = '/personal/user_contoso_com';
export const LIBRARY = `${SITE}/Documents`;
export const AGENT = 'NONISV|Tests|standin/1.0';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent chunked, piece by piece. */
  readonly pieces?: AsyncIterable<Uint8Array>;
  /** Default true. */
  readonly signedIn?: boolean;
  /** Called when the answer begins. */
  readonly begun?: () => void;
}

export interface Got {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export class StandinClient {
  readonly standin: Standin;
  readonly #upn: string | undefined;
  #cookie: string;
  readonly #agent = new Agent({ keepAlive: true });
  #digest: string | null = null;

  constructor(standin: Standin, upn?: string) {
    this.standin = standin;
    this.#upn = upn;
    this.#cookie = standin.control.cookies(upn);
  }

  /** Anew, by the stand-in's present time. */
  signIn(): void {
    this.#cookie = this.standin.control.cookies(this.#upn);
    this.#digest = null;
  }

  /** A path on the host, percent-encoded. */
  send(method: string, path: string, sent: Sent = {}): Promise<Got> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        method,
        path,
        port: this.standin.port,
        host: '127.0.0.1',
        agent: this.#agent,
        headers: {
          'User-Agent': AGENT,
          ...(sent.signedIn === false ? {} : { Cookie: this.#cookie }),
          ...(sent.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(sent.body)) }),
          ...(sent.pieces === undefined ? {} : { 'Transfer-Encoding': 'chunked' }),
          ...sent.headers,
        },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        sent.begun?.();
        collect(response).then(resolve, reject);
      });
      if (sent.pieces === undefined) request.end(sent.body);
      else void sendPieces(request, sent.pieces);
    });
  }

  /** Below the library. */
  dav(method: string, path: string, sent: Sent = {}): Promise<Got> {
    return this.send(method, `${LIBRARY}${path}`, sent);
  }

  /** Below `_api/`, with a digest where one is due, answered without metadata unless asked otherwise. */
  async api(method: string, path: string, sent: Sent = {}): Promise<Got> {
    const digest = method === 'GET' ? {} : { 'X-RequestDigest': await this.digest() };
    const body = method === 'GET' || sent.pieces !== undefined ? {} : { body: sent.body ?? '' };
    const headers = { Accept: 'application/json;odata=nometadata', ...digest, ...sent.headers };
    return this.send(method, `${SITE}/_api/${path}`, { ...body, ...sent, headers });
  }

  async digest(): Promise<string> {
    this.#digest ??= await this.freshDigest();
    return this.#digest;
  }

  async freshDigest(site = SITE): Promise<string> {
    const got = await this.send('POST', `${site}/_api/contextinfo`, {
      headers: { Accept: 'application/json;odata=nometadata' },
      body: '',
    });
    return json(got).FormDigestValue as string;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A stand-in and a client of its first user, both of which end with the test. */
export async function clientFor(test: TestContext, options: StandinOptions = {}): Promise<StandinClient> {
  const client = new StandinClient(await standinFor(test, options));
  test.after(() => client.close());
  return client;
}

export function json(got: Got): Record<string, unknown> {
  return JSON.parse(got.text) as Record<string, unknown>;
}

/** The text of the first element of that qualified name. */
export function xmlText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

export function hrefs(got: Got): string[] {
  return [...got.text.matchAll(/<D:response><D:href>([^<]*)<\/D:href>/g)].map((match) => match[1]!);
}

/** `decodedurl='…'` of a path below the library, ready for a URL. */
export function decodedUrl(path: string): string {
  return `decodedurl='${encodeURIComponent(`${LIBRARY}${path}`.replace(/'/g, "''"))}'`;
}

async function collect(response: IncomingMessage): Promise<Got> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: response.headers,
    bytes,
    text: bytes.toString('utf8'),
  };
}

async function sendPieces(
  request: ReturnType<typeof httpRequest>,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of pieces) request.write(piece);
    request.end();
  } catch (error) {
    request.destroy(error as Error);
  }
}
