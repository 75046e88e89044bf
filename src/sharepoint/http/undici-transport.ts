/**
 * The bottom of the stack: one keep-alive dispatcher, one attempt per call. Never follows a redirect (a 302 on a DAV
 * verb must not become a GET, protocol notes 5.2.19), never sends a body without its length, and turns every failure
 * of the wire into DriveError('unreachable') whose cause says whether the request can have reached the server.
 */
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { connectionFault } from './connection-faults.js';
import { connectorWithoutInterimAnswers } from './interim-answers.js';
import { LinkedAbort } from './linked-abort.js';
import { SilenceTimer } from './silence-timer.js';
import type { HttpRequest, HttpResponse, RequestBody, ResponseBody, Transport } from './transport.js';
import { Agent } from './undici.js';
import { WireFailure } from './wire-failure.js';

export interface UndiciOptions {
  readonly clock: Clock;
  /** Connections per host. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
}

const LONGEST_DUMP_BYTES = 64 * 1024;
const LONGEST_PIECE_BYTES = 64 * 1024;
/** A server may take its time to store what was sent before it answers. */
const COMMIT_SILENCE_MS = 120_000;

export class UndiciTransport implements Transport {
  readonly #options: UndiciOptions;
  readonly #clock: Clock;
  readonly #closing = new Set<Dispatcher>();
  #agent: Dispatcher;

  constructor(options: UndiciOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#agent = agentOf(options);
  }

  /** Requests from now on get new connections; the ones under way keep theirs to their end. */
  renewConnections(): void {
    const before = this.#agent;
    this.#agent = agentOf(this.#options);
    this.#closing.add(before);
    const closed = () => this.#closing.delete(before);
    before.close().then(closed, closed);
  }

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    signal.throwIfAborted();
    const abort = new LinkedAbort(signal);
    const timer = new SilenceTimer(this.#clock, request.silenceMs, () => abort.abort(silence(request)));
    const stop = () => {
      timer.stop();
      abort.release();
    };
    try {
      const body = await wireBody(request.body, timer);
      request.onAttempt?.();
      const answer = await this.#dispatch(request, body, abort.signal);
      request.onAnswer?.();
      timer.restart(request.silenceMs);
      return response(answer, abort, timer, stop);
    } catch (error) {
      stop();
      throw translated(error, abort.signal);
    }
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#closing].map((agent) => agent.destroy()));
  }

  #dispatch(
    { body, url, headers, method }: HttpRequest,
    wire: Readable | Buffer | null,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    return this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      // undici types the methods of RFC 9110 only; it sends any token
      method: method as Dispatcher.HttpMethod,
      headers: body === null ? headers : { ...headers, 'content-length': String(body.size) },
      body: wire,
      signal,
    });
  }
}

/** A small body travels in one piece with its head; a stream would cost more than what it carries. */
async function wireBody(body: RequestBody | null, timer: SilenceTimer): Promise<Readable | Buffer | null> {
  if (body === null || body.size === 0) return null;
  if (body.size > LONGEST_PIECE_BYTES) return requestStream(body, timer);
  const pieces: Uint8Array[] = [];
  timer.hold();
  for await (const piece of body.open()) pieces.push(piece);
  timer.restart(COMMIT_SILENCE_MS);
  const [only] = pieces;
  if (pieces.length === 1 && Buffer.isBuffer(only)) return only;
  return Buffer.concat(pieces);
}

function agentOf(options: UndiciOptions): Dispatcher {
  return new Agent({
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: options.keepAliveMs,
    keepAliveMaxTimeout: options.keepAliveMs,
    connect: connectorWithoutInterimAnswers(options.connectTimeoutMs),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function requestStream(body: RequestBody, timer: SilenceTimer): Readable {
  async function* pieces(): AsyncIterable<Uint8Array> {
    timer.hold();
    for await (const piece of body.open()) {
      timer.watch();
      yield piece;
      timer.hold();
    }
    timer.restart(COMMIT_SILENCE_MS);
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: 256 * 1024 });
}

function response(
  answer: Dispatcher.ResponseData,
  abort: LinkedAbort,
  timer: SilenceTimer,
  stop: () => void,
): HttpResponse {
  const headers: Record<string, string> = {};
  let setCookies: string[] = [];
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined) continue;
    if (name === 'set-cookie') setCookies = Array.isArray(value) ? value : [value];
    else headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const body = responseBody(answer.body, abort, timer, stop);
  return { status: answer.statusCode, headers, setCookies, body, afterDoubt: false };
}

function responseBody(
  stream: Dispatcher.ResponseData['body'],
  abort: LinkedAbort,
  timer: SilenceTimer,
  stop: () => void,
): ResponseBody {
  // an error after the reader has left must not surface as an uncaught one
  stream.on('error', () => {});
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of stream) {
        timer.hold();
        yield piece as Buffer;
        timer.watch();
      }
    } catch (error) {
      throw translated(error, abort.signal);
    } finally {
      stop();
    }
  }
  return {
    [Symbol.asyncIterator]: pieces,
    cancel() {
      stop();
      // a short rest is read and thrown away, so that the connection can be used again
      void stream.dump({ limit: LONGEST_DUMP_BYTES }).catch(() => {});
    },
  };
}

function silence(request: HttpRequest): DriveError {
  const seconds = Math.round(request.silenceMs / 1000);
  return new DriveError('unreachable', `${request.url.host} said nothing for ${seconds} s`, {
    cause: new WireFailure('ETIMEDOUT', true),
  });
}

/** The signal's reason when it fired (the caller's, or our silence); else the failure of the wire. */
function translated(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof DriveError) return error;
  const failure = WireFailure.from(error);
  if (failure === null) return error;
  const fault = connectionFault(failure.code) ?? failure.code;
  return new DriveError('unreachable', `the connection failed: ${fault}`, { cause: failure });
}
