/**
 * The `webdav` package's client over our transport. Its `fetch` is patched once for the process; the client copies its
 * options and knows only whole buffers, so a call's transport and body stay here, under a number that goes through the
 * client as a header and no further. (`AsyncLocalStorage` would cost every promise of the process a hook for ever.)
 * Always its `customRequest` with a URL of ours: its own path handling would change names that are legal here.
 */
import { createClient, getPatcher, type WebDAVClient } from 'webdav';
import { discard } from './body.js';
import type { HttpRequest, HttpResponse, Transport } from './transport.js';

interface Call {
  readonly transport: Transport;
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
  answer: HttpResponse | null;
}

/** Lower-case, as `patchedFetch` compares it. */
const CALL_HEADER = 'x-odbfs-call';

/** Those under way. */
const calls = new Map<string, Call>();
let lastCall = 0;

export class DavClient {
  readonly #client: WebDAVClient;
  readonly #transport: Transport;

  constructor(baseUrl: URL, transport: Transport) {
    getPatcher().patch('fetch', (...args: unknown[]) =>
      patchedFetch(String(args[0]), args[1] as FetchOptions),
    );
    this.#client = createClient(baseUrl.href);
    this.#transport = transport;
  }

  /** Any answer of the server resolves; only transport failures throw. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const call: Call = { transport: this.#transport, request, signal, answer: null };
    lastCall += 1;
    const number = String(lastCall);
    calls.set(number, call);
    try {
      await this.#client.customRequest(request.url.pathname, {
        method: request.method,
        url: request.url.href,
        headers: { ...request.headers, [CALL_HEADER]: number },
        signal,
      });
    } catch (error) {
      // the client throws for statuses from 400 on; judging those is ours
      if (call.answer === null) throw error;
    } finally {
      calls.delete(number);
    }
    if (call.answer === null) throw new Error('the webdav client did not send the request');
    return call.answer;
  }
}

interface FetchOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
}

async function patchedFetch(url: string, options: FetchOptions): Promise<Response> {
  const { [CALL_HEADER]: number = '', ...headers } = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const call = calls.get(number);
  if (call === undefined) throw new Error('a webdav request without a transport');
  const request: HttpRequest = { ...call.request, url: new URL(url), method: options.method, headers };
  const answer = await call.transport.send(request, call.signal);
  if (call.answer !== null) discard(call.answer);
  call.answer = answer;
  return headOf(answer);
}

/**
 * What the client looks at to judge the answer; the body stays ours. The first `Response` of a process would have Node
 * load all of its own `fetch`, for which the first reader waited 20 ms (measured).
 */
function headOf({ status }: HttpResponse): Response {
  return { status, statusText: '', ok: status < 400 } as Response;
}
