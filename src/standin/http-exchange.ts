/**
 * A request and its answer on a real connection, HTTP/1.1 or 2, at the line's pace, with the transport's faults: bodies
 * cut at a byte, answers swallowed. Whatever a client leaves unread or unsent does no harm to others.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import type { Connection } from './connection.js';
import type { HostRole, Hosts } from './hosts.js';
import { pause } from './pace.js';
import { acceptsPacked, packed } from './packing.js';
import { reasonOf } from './reason.js';
import { type Answer, BodyTooLarge, type StandinRequest } from './request.js';

export type Incoming = IncomingMessage | Http2ServerRequest;
/** Http2ServerResponse offers the same methods, with types of its own that do not unite with these. */
export type Outgoing = ServerResponse;

export interface ExchangeParts {
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  readonly connection: Connection;
  readonly hosts: Hosts;
  readonly id: string;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  /** Headers of every answer, unless the answer has its own. */
  readonly standingHeaders: (request: StandinRequest) => Record<string, string>;
}

const TEXT_LIMIT_BYTES = 2 * 1024 * 1024;
/** Pieces in which bodies pass the line. */
const PIECE_BYTES = 128 * 1024;

export class HttpExchange implements StandinRequest {
  readonly id: string;
  readonly method: string;
  readonly role: HostRole;
  readonly host: string;
  readonly secure: boolean;
  readonly path: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  readonly connection: Connection;
  /** Set by whoever wants the request to take effect and its answer to be lost. */
  swallowReply = false;
  /** Set for requests that are none of the simulated service's: no latency, no pace, no accidents of the line. */
  isUnhindered = false;
  status = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly #parts: ExchangeParts;
  #continued = false;

  constructor(parts: ExchangeParts) {
    const { incoming, hosts } = parts;
    this.#parts = parts;
    this.id = parts.id;
    this.connection = parts.connection;
    this.method = (incoming.method ?? 'GET').toUpperCase();
    this.headers = incoming.headers;
    this.host = String(incoming.headers[':authority'] ?? incoming.headers.host ?? '');
    this.secure = 'encrypted' in incoming.socket;
    this.remoteAddress = incoming.socket.remoteAddress ?? '';
    const [path, query] = splitTarget(incoming.url ?? '/');
    const resolved = hosts.resolve(this.host, path);
    this.role = resolved.role;
    this.path = resolved.path;
    this.rawQuery = query;
    this.query = new URLSearchParams(query);
  }

  /** The client has gone away, or was cut off. A request that was read to its end says nothing about that. */
  get isGone(): boolean {
    const { incoming } = this.#parts;
    return 'stream' in incoming ? incoming.stream.destroyed : incoming.socket.destroyed;
  }

  get replied(): boolean {
    return this.status !== 0;
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async text(limitBytes = TEXT_LIMIT_BYTES): Promise<string> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of this.body) {
      size += piece.length;
      if (size > limitBytes) throw new BodyTooLarge('the body is too large');
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  async reply(answer: Answer): Promise<void> {
    this.status = answer.status;
    const { latencyMs } = this.connection.line.switches;
    if (latencyMs > 0 && !this.isUnhindered) await pause(latencyMs);
    if (this.swallowReply) return this.cut();
    const { outgoing } = this.#parts;
    if (this.isGone) return;
    if (this.connection.line.switches.continueUnasked && !this.isUnhindered) outgoing.writeContinue();
    const sent = this.#mayPack ? packed(answer) : answer;
    this.#writeHead(sent);
    const body = this.method === 'HEAD' ? undefined : sent.body;
    if (body === undefined || hasNoBody(sent.status)) outgoing.end();
    else await this.#send(asPieces(body));
    this.#letPass();
  }

  get #mayPack(): boolean {
    const isPacking = this.connection.line.switches.packText && !this.isUnhindered;
    return isPacking && this.method !== 'HEAD' && acceptsPacked(this.headers);
  }

  cut(http2Code: number = constants.NGHTTP2_INTERNAL_ERROR): void {
    this.status ||= -1;
    const { outgoing, incoming } = this.#parts;
    if ('stream' in incoming) incoming.stream.close(http2Code);
    else incoming.socket.destroy();
    outgoing.destroy();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const { incoming, outgoing, expectsContinue } = this.#parts;
    const { switches } = this.connection.line;
    if (expectsContinue) {
      this.#continued = true;
      outgoing.writeContinue();
    }
    for await (const piece of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      this.bytesIn += piece.length;
      if (!this.isUnhindered) await this.connection.receive(piece.length);
      if (
        !this.isUnhindered &&
        switches.resetUploadAfterBytes > 0 &&
        this.bytesIn > switches.resetUploadAfterBytes
      ) {
        this.cut();
        throw new Error('the upload was cut, as a switch asked');
      }
      yield piece;
    }
    if (!incoming.complete) throw new Error('the client went away');
  }

  /** What still comes of a body that was answered before its end, or the connection would be of no use any more. */
  #letPass(): void {
    const { incoming } = this.#parts;
    if (!incoming.complete && !this.isGone) incoming.resume();
  }

  #writeHead(answer: Answer): void {
    const { outgoing, incoming } = this.#parts;
    const headers: Record<string, string | number | readonly string[]> = this.#parts.standingHeaders(this);
    const given = answer.headers ?? {};
    const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
    for (const name of Object.keys(headers)) if (names.has(name.toLowerCase())) delete headers[name];
    Object.assign(headers, given);
    if (!names.has('content-length') && !hasNoBody(answer.status)) {
      const length = lengthOf(answer.body);
      if (length !== null) headers['Content-Length'] = length;
    }
    // The body that was not asked for may still come or not: nothing after it could be told apart.
    if (this.#parts.expectsContinue && !this.#continued && incoming.httpVersionMajor === 1)
      headers.Connection = 'close';
    outgoing.statusCode = answer.status;
    if (incoming.httpVersionMajor === 1) outgoing.statusMessage = answer.reason ?? reasonOf(answer.status);
    for (const [name, value] of Object.entries(headers)) {
      outgoing.setHeader(name, typeof value === 'object' ? [...value] : value);
    }
  }

  async #send(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const { outgoing } = this.#parts;
    const cutAt = this.#cutAt();
    for await (const piece of body) {
      for (let at = 0; at < piece.length; at += PIECE_BYTES) {
        if (this.isGone) return;
        const part = piece.subarray(at, Math.min(at + PIECE_BYTES, cutAt - this.bytesOut + at));
        if (!this.isUnhindered) await this.connection.send(part.length);
        this.bytesOut += part.length;
        if (!outgoing.write(part) && !this.isGone) await drained(outgoing);
        if (this.bytesOut >= cutAt) return this.cut();
      }
    }
    outgoing.end();
  }

  /** At which byte of the body a switch wants the connection cut. */
  #cutAt(): number {
    const { switches } = this.connection.line;
    if (this.isUnhindered) return Number.POSITIVE_INFINITY;
    if (switches.resetBodiesNext > 0) {
      switches.resetBodiesNext--;
      const length = Number(this.#parts.outgoing.getHeader('content-length') ?? 2);
      return Math.max(1, Math.floor(length / 2));
    }
    return switches.resetBodyAfterBytes > 0 ? switches.resetBodyAfterBytes : Number.POSITIVE_INFINITY;
  }
}

function splitTarget(target: string): [path: string, query: string] {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '') || '/';
  const mark = local.indexOf('?');
  return mark < 0 ? [local, ''] : [local.slice(0, mark), local.slice(mark + 1)];
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

function lengthOf(body: Answer['body']): number | null {
  if (body === undefined) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.length : null;
}

function asPieces(body: NonNullable<Answer['body']>): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof body === 'string') return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}

function drained(outgoing: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}
