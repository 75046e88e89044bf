/**
 * Between a client and a WebDAV server: passes everything on, and may keep the answers to MOVE to itself. It lives in the
 * test's process, which must not be waiting for the mount meanwhile, as it does for a child that begins in there.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastFirst } from './last-first.js';

type Context = { after(clean: () => Promise<void> | void): void };

export class HoldingProxy {
  readonly url: string;
  /** Answers to MOVE are not passed on. */
  isHolding = false;
  /** So many were kept: the server has done what they were asked for. */
  held = 0;

  private constructor(url: string) {
    this.url = url;
  }

  static async start(context: Context, server: string): Promise<HoldingProxy> {
    const target = new URL(server);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const proxy = new HoldingProxy(`http://127.0.0.1:${port}${target.pathname}`);
    listener.on('request', (incoming, outgoing) => {
      const { method, url: path, headers } = incoming;
      const destination = headers.destination?.toString().replace(`:${port}/`, `:${target.port}/`);
      const passed = {
        ...headers,
        host: target.host,
        ...(destination && { destination }),
      };
      const asked = request(
        { host: target.hostname, port: target.port, method, path, headers: passed },
        (answer) => {
          if (proxy.isHolding && method === 'MOVE') {
            proxy.held += 1;
            answer.resume();
            return;
          }
          outgoing.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(outgoing);
        },
      );
      asked.on('error', () => outgoing.destroy());
      incoming.pipe(asked);
    });
    lastFirst(context, async () => {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    });
    return proxy;
  }
}
