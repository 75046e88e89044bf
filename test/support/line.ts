/** A line to the stand-in that a test takes down, blocks, or hands to a hotel's network. Not through it go the commands. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { lastFirst } from './last-first.js';

/**
 * `refused`: nobody listens. `portal`: whatever is asked, a page of the network answers with 200. `away`: a redirect to its
 * own host.
 */
export type LineState = 'up' | 'down' | 'refused' | 'portal' | 'away';

const PAGE = '<html><title>Hotel network</title>Please accept the terms.</html>';
const ANSWERS = {
  portal: `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${PAGE.length}\r\n\r\n${PAGE}`,
  away: 'HTTP/1.1 302 Found\r\nlocation: http://portal.hotel.example/\r\ncontent-length: 0\r\n\r\n',
} as const;

export class Line {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  readonly port: number;
  #state: LineState = 'up';

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async to(context: { after(clean: () => Promise<void>): void }, targetPort: number): Promise<Line> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new Line(server, targetPort);
    lastFirst(context, async () => {
      line.turn('down');
      server.close();
    });
    return line;
  }

  /** Connections that are open end with it. */
  turn(state: LineState): void {
    if (state === 'refused') this.#server.close();
    else if (this.#state === 'refused') this.#server.listen(this.port, '127.0.0.1');
    this.#state = state;
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(socket: Socket): void {
    this.#keep(socket);
    if (this.#state === 'down') socket.destroy();
    else if (this.#state === 'up') this.#join(socket);
    else socket.on('data', () => void socket.write(ANSWERS[this.#state as 'portal' | 'away']));
  }

  #join(socket: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1');
    this.#keep(server);
    socket.pipe(server).pipe(socket);
    socket.on('close', () => server.destroy());
    server.on('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
