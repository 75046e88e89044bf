/**
 * A request as the rooms of the stand-in see it: which logical host it meant, where it points, what it brings, and how
 * to answer it. The same shape serves HTTP/1.1, HTTP/2 and the parts of a `$batch`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { HostRole } from './hosts.js';

export interface StandinRequest {
  /** Lower-case GUID; answered as SPRequestGuid. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  readonly role: HostRole;
  /** As in the Host header, with the port where one was given. */
  readonly host: string;
  /** Came over TLS. */
  readonly secure: boolean;
  /** Path still percent-encoded, without the query and without a role prefix such as `/~login`. */
  readonly path: string;
  /** Query still percent-encoded, without the question mark. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  /** State that lives as long as the connection; NTLM keeps its handshake here. */
  readonly connection: ConnectionState;
  /** The bytes of the body as they arrive; can be read once. Throws when the client goes away in the middle. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as UTF-8; throws `BodyTooLarge` past the limit (default 2 MiB). */
  text(limitBytes?: number): Promise<string>;
  /** True once `reply` was called. */
  readonly replied: boolean;
  /** Answers; resolves when the answer was handed to the connection. Must be called exactly once. */
  reply(answer: Answer): Promise<void>;
  /** Ends the connection without any answer, or in the middle of one; on HTTP/2 the stream, with this code. */
  cut(http2Code?: number): void;
}

export interface ConnectionState {
  readonly id: number;
  /** Rooms keep their own state under their own key. */
  readonly notes: Map<string, unknown>;
}

export interface Answer {
  readonly status: number;
  /** Reason phrase on HTTP/1.1; default the upper-case standard text (protocol notes 2.2). */
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string | number | readonly string[]>>;
  /** Default: none, `Content-Length: 0`. A stream without a Content-Length header is sent chunked. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** A body that has to be read whole was larger than its limit. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}
