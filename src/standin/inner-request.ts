/** A request within a `$batch`: it arrives with the outer one's connection, and its answer is kept, not sent. */
import type { IncomingHttpHeaders } from 'node:http';
import type { HostRole } from './hosts.js';
import type { Answer, ConnectionState, StandinRequest } from './request.js';

export interface InnerParts {
  readonly method: string;
  /** Without host and role prefix. */
  readonly path: string;
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer with all of its bytes. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class InnerRequest implements StandinRequest {
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
  readonly connection: ConnectionState;
  readonly #body: Buffer;
  readonly #outer: StandinRequest;
  #answer: KeptAnswer | null = null;

  constructor(outer: StandinRequest, parts: InnerParts) {
    this.#outer = outer;
    this.id = outer.id;
    this.role = outer.role;
    this.host = outer.host;
    this.secure = outer.secure;
    this.remoteAddress = outer.remoteAddress;
    this.connection = outer.connection;
    this.method = parts.method;
    this.path = parts.path;
    this.rawQuery = parts.rawQuery;
    this.query = new URLSearchParams(parts.rawQuery);
    this.headers = parts.headers;
    this.#body = parts.body;
  }

  /** What was replied; an inner request that nobody answered is a bug. */
  get answer(): KeptAnswer {
    if (this.#answer === null) throw new Error(`${this.method} ${this.path} was not answered`);
    return this.#answer;
  }

  get replied(): boolean {
    return this.#answer !== null;
  }

  get body(): AsyncIterable<Uint8Array> {
    const body = this.#body;
    return (async function* () {
      yield body;
    })();
  }

  async text(): Promise<string> {
    return this.#body.toString('utf8');
  }

  async reply(answer: Answer): Promise<void> {
    const pieces: Uint8Array[] = [];
    if (typeof answer.body === 'string') pieces.push(Buffer.from(answer.body));
    else if (answer.body instanceof Uint8Array) pieces.push(answer.body);
    else if (answer.body !== undefined) for await (const bytes of answer.body) pieces.push(bytes);
    const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]);
    this.#answer = {
      status: answer.status,
      headers: Object.fromEntries(headers),
      body: Buffer.concat(pieces),
    };
  }

  cut(): void {
    this.#outer.cut();
  }
}
