/**
 * The daemon's ear: a Unix socket that only its user may open. Understands requests and carries answers; what a
 * command does is told by the handlers.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '../base/index.js';
import { DriveError } from '../drive/index.js';
import {
  type ControlCommand,
  type ControlLine,
  type ControlReplies,
  type ControlRequest,
  LONGEST_REQUEST_BYTES,
  REQUEST_SCHEMA,
} from './control-protocol.js';
import { Failure } from './failure.js';
import { makePrivateFolder } from './paths.js';
import type { UploadStatus } from './status.js';

const MOST_CONNECTIONS = 64;

export interface CommandContext {
  /** Fires when whoever asked went away. */
  readonly signal: AbortSignal;
  readonly progress: (uploads: UploadStatus) => void;
}

/** What each command does. A thrown `Failure` reaches the person as it is; anything else is a bug, and logged. */
export type ControlHandlers = {
  readonly [Name in ControlCommand]: (
    request: Extract<ControlRequest, { command: Name }>,
    context: CommandContext,
  ) => Promise<ControlReplies[Name]>;
};

export class ControlServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #handlers: ControlHandlers;
  readonly #log: Log;

  private constructor(handlers: ControlHandlers, log: Log) {
    this.#handlers = handlers;
    this.#log = log;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Listens on `path`; a socket that a dead daemon left there is replaced (the caller holds the account's lock). */
  static async listen(path: string, handlers: ControlHandlers, log: Log): Promise<ControlServer> {
    const server = new ControlServer(handlers, log);
    makePrivateFolder(dirname(path));
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return server;
  }

  /** Stops listening and hangs up; the socket file goes too. Whoever asked for the stop hears of it first. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // The answer to `stop` is due in the same turn as the stop itself.
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const gone = new AbortController();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort(new Error('the one who asked went away'));
    });
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LONGEST_REQUEST_BYTES) socket.destroy();
    });
    const lines = createInterface({ input: socket });
    lines.on('error', () => undefined);
    lines.once('line', (line) => void this.#answer(line, socket, gone.signal));
  }

  async #answer(line: string, socket: Socket, signal: AbortSignal): Promise<void> {
    const send = (answer: ControlLine) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
    };
    try {
      const request = REQUEST_SCHEMA.parse(JSON.parse(line));
      const context = { signal, progress: (uploads: UploadStatus) => send({ progress: uploads }) };
      const handle = this.#handlers[request.command] as Handle;
      send({ done: await handle(request, context) });
    } catch (error) {
      send({ failed: this.#failure(error, signal) });
    }
    socket.end();
  }

  #failure(error: unknown, signal: AbortSignal): { kind: Failure['kind']; message: string } {
    if (error instanceof Failure) return { kind: error.kind, message: error.message };
    // What the server, or the network, does is no fault here.
    const level = error instanceof DriveError ? 'info' : 'error';
    if (!signal.aborted) this.#log[level]({ error }, 'a command to the daemon failed');
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

type Handle = (request: ControlRequest, context: CommandContext) => Promise<unknown>;
