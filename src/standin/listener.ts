/** The listening socket: HTTP/1.1, and with TLS HTTP/2 as well. It knows every connection, to cut them at once. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Connection, type Line } from './connection.js';
import type { Incoming, Outgoing } from './http-exchange.js';

export interface TlsFiles {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

export interface ListenerOptions {
  readonly tls: TlsFiles | undefined;
  readonly line: Line;
  readonly onRequest: (request: ArrivedRequest) => void;
}

export interface ArrivedRequest {
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  readonly connection: Connection;
  readonly expectsContinue: boolean;
}

/** Idle connections are kept this long: longer than clients keep theirs, so that it is they who close. */
const KEEP_ALIVE_MS = 120_000;

export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new WeakMap<object, Connection>();
  readonly #options: ListenerOptions;
  #made = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = options.tls === undefined ? this.#plainServer() : this.#secureServer(options.tls);
    this.#server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Resolves with the port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.cutConnections();
    });
  }

  #plainServer(): Server {
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
    server.on('request', (incoming, outgoing) => this.#arrive(incoming, outgoing, false));
    server.on('checkContinue', (incoming, outgoing) => this.#arrive(incoming, outgoing, true));
    server.on('clientError', (_error, socket) => socket.destroy());
    return server;
  }

  #secureServer(tls: TlsFiles): Server {
    const server = createSecureServer({ key: tls.key, cert: tls.cert, allowHTTP1: true });
    const arrive =
      (expects: boolean) => (incoming: IncomingMessage | Http2ServerRequest, outgoing: unknown) =>
        this.#arrive(incoming, outgoing as ServerResponse, expects);
    server.on('request', arrive(false));
    server.on('checkContinue', arrive(true));
    server.on('sessionError', (_error: Error, session?: ServerHttp2Session) => session?.destroy());
    server.on('clientError', (_error: Error, socket: Socket) => socket.destroy());
    return server;
  }

  #arrive(incoming: Incoming, outgoing: Outgoing, expectsContinue: boolean): void {
    // A client that goes away is noticed where its bytes are read or written.
    incoming.on('error', () => {});
    outgoing.on('error', () => {});
    this.#options.onRequest({
      incoming,
      outgoing,
      connection: this.#connectionOf(incoming),
      expectsContinue,
    });
  }

  #connectionOf(incoming: Incoming): Connection {
    const key = 'stream' in incoming ? (incoming.stream.session ?? incoming.stream) : incoming.socket;
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const made = new Connection(++this.#made, this.#options.line);
    this.#connections.set(key, made);
    return made;
  }
}
