/**
 * Waits on 127.0.0.1 for the one request that brings the browser back from the login host, and shows a page that says
 * "you can close this". Anything else that knocks is turned away; after three minutes the door is shut.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../base/index.js';
import { SignInError } from '../sign-in-error.js';

export interface LoopbackAnswer {
  readonly code: string | null;
  readonly error: string | null;
  readonly errorDescription: string | null;
}

const WAIT_MS = 3 * 60_000;
const MAX_STRANGERS = 50;
/** The page has to reach the browser. */
const LAST_WORDS_MS = 1_000;

export class LoopbackReceiver {
  readonly #server: Server;
  readonly #state: string;
  readonly #answer: Promise<LoopbackAnswer>;
  #settle!: { readonly resolve: (answer: LoopbackAnswer) => void; readonly reject: (error: Error) => void };
  #strangers = 0;

  private constructor(state: string) {
    this.#state = state;
    this.#answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#answer.catch(() => undefined);
    this.#server = createServer((request, response) => this.#receive(request, response));
  }

  /** Listens on a free port. */
  static async open(state: string): Promise<LoopbackReceiver> {
    const receiver = new LoopbackReceiver(state);
    await new Promise<void>((resolve, reject) => {
      receiver.#server.once('error', reject);
      receiver.#server.listen(0, '127.0.0.1', resolve);
    });
    return receiver;
  }

  /** Any port is accepted for a registered loopback redirect (protocol notes 1h). */
  get redirectUri(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async wait(clock: Clock, signal: AbortSignal): Promise<LoopbackAnswer> {
    const cancel = clock.after(WAIT_MS, () => this.#settle.reject(tooLate()));
    const onAbort = () => this.#settle.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await this.#answer;
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
      this.close();
    }
  }

  /** Strangers that hold on to a connection must not keep the program. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), LAST_WORDS_MS).unref();
    this.#server.unref();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isOurs =
      request.method === 'GET' && url.pathname === '/' && same(url.searchParams.get('state'), this.#state);
    if (!isOurs) {
      show(response, 404, 'Nothing here.');
      this.#strangers += 1;
      if (this.#strangers > MAX_STRANGERS)
        this.#settle.reject(new SignInError('protocol', 'too many strangers knocked'));
      return;
    }
    const code = url.searchParams.get('code');
    const text = code
      ? 'Signed in. You can close this window.'
      : 'The sign-in did not work. You can close this window.';
    show(response, 200, text);
    this.#settle.resolve({
      code,
      error: url.searchParams.get('error'),
      errorDescription: url.searchParams.get('error_description'),
    });
  }
}

/** Our own words only: nothing of the request is echoed. */
function show(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(
    `<!doctype html><title>odbfs</title><body style="font: 1.2rem sans-serif; margin: 20vh auto; max-width: 30em">${text}</body>`,
  );
}

function same(given: string | null, wanted: string): boolean {
  const left = Buffer.from(given ?? '');
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}

function tooLate(): SignInError {
  return new SignInError('declined', 'nobody signed in within three minutes: run "odbfs login" again');
}
