/** A connection to a server through an HTTP proxy, by CONNECT (RFC 9110 9.3.6): what goes through it the proxy can't read. */
import { connect, type Socket } from 'node:net';
import type { ProxyFault } from './connection-faults.js';

/** A proxy that says more before it lets anything through is none. */
const LONGEST_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';
const USUAL_PORT = 80;

/** `proxy`: `http://[USER:PASSWORD@]HOST[:PORT]`. Rejects with an error that has a `code`, ours or the system's. */
export function tunnelTo(target: string, proxy: string, timeoutMs: number): Promise<Socket> {
  const url = proxyUrl(proxy);
  if (url === null) return Promise.reject(fault('ERR_PROXY_ADDRESS'));
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host: hostname, port: Number(url.port) || USUAL_PORT });
  return new Promise<Socket>((resolve, reject) => {
    let head = Buffer.alloc(0);
    const end = (outcome: Error | null) => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', end).off('close', onClose);
      if (outcome === null) return resolve(socket);
      // what else goes wrong with it is nobody's business any more
      socket.on('error', () => undefined).destroy();
      reject(outcome);
    };
    const onClose = () => end(fault('ECONNRESET'));
    const onData = (piece: Buffer) => {
      head = Buffer.concat([head, piece]);
      const length = head.indexOf(END_OF_HEAD);
      if (length < 0 && head.length < LONGEST_HEAD_BYTES) return;
      socket.pause();
      end(refusal(head.toString('latin1', 0, Math.max(0, length))));
    };
    const timer = setTimeout(() => end(fault('ETIMEDOUT')), timeoutMs);
    socket.on('data', onData).on('error', end).on('close', onClose);
    socket.write(question(target, url));
  });
}

function proxyUrl(proxy: string): URL | null {
  const text = proxy.includes('://') ? proxy : `http://${proxy}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' && url.hostname !== '' ? url : null;
}

function question(target: string, { username, password }: URL): string {
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (username !== '') {
    const who = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    lines.push(`Proxy-Authorization: Basic ${Buffer.from(who).toString('base64')}`);
  }
  return lines.join('\r\n') + END_OF_HEAD;
}

function refusal(head: string): Error | null {
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
  if (status >= 200 && status < 300) return null;
  return fault(status === 407 ? 'ERR_PROXY_AUTH' : 'ERR_PROXY_REFUSED');
}

function fault(code: ProxyFault | 'ETIMEDOUT' | 'ECONNRESET'): Error {
  return Object.assign(new Error(code), { code });
}
