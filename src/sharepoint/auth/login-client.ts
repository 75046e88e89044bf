/**
 * HTTP for signing in: one request, one answer, redirects left to the caller, so that cookies and tokens go exactly
 * where a caller sends them. Bodies and times are bounded. Not for the drive's own requests, which have a transport
 * with retry, limits and a governor.
 */
import type { Dispatcher } from 'undici';
import type { Clock, Log } from '../../base/index.js';
import { connectionFault } from '../http/connection-faults.js';
import { request } from '../http/request.js';
import type { AccountJar } from './account-jar.js';
import { SignInError } from './sign-in-error.js';
import { assertSafe } from './site-address.js';

export interface LoginRequest {
  readonly method?: 'GET' | 'POST' | 'PROPFIND';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives and takes cookies; without one, none are sent. */
  readonly jar?: AccountJar;
  /** SOAP faults come as 5xx: the caller reads them. */
  readonly faultsAllowed?: boolean;
  /** Carries a password: is sent once, whatever comes back. */
  readonly once?: boolean;
  readonly signal: AbortSignal;
}

export interface LoginAnswer {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  /** Where a 3xx points, resolved. */
  readonly location: URL | null;
  /** The server's clock, milliseconds since 1970, or null. */
  readonly dateMs: number | null;
  /** A header by its lower-case name. */
  header(name: string): string | null;
  /** Did it set that cookie? A jar does not keep one of a domain that the server is not of. */
  setsCookie(name: string): boolean;
}

export interface LoginClientOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly dispatcher?: Dispatcher;
  readonly timeoutMs?: number;
}

/** Page hops need a browser's look: others get 403 instead of the redirect (protocol notes 2.9, 4). */
export const BROWSER_USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** No name, no way, no connection, no certificate that can be trusted. */
const BEFORE_SENDING =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|ERR_PROXY.*|ERR_TLS.*|ERR_SSL.*)$/;

/** A connection that was kept for the next request, and that the server closed as that request came. */
const BROKEN_CONNECTION = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/;

/** Too many requests, or none in time: says nothing about anybody's sign-in. */
const PASSING: ReadonlySet<number> = new Set([408, 429]);
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** A pause so short is waited for: somebody waits for a file, who was signed in a moment ago. */
const SHORT_PAUSE_MS = 5_000;
const SHORT_PAUSES = 3;
/** A gateway that could not reach what is behind it: most often the next attempt does. */
const GATEWAY_FAULTS: ReadonlySet<number> = new Set([502, 503, 504]);
const GATEWAY_REPEATS = 2;
const GATEWAY_PAUSE_MS = 1_000;
const SPURIOUS_REPEATS = 3;
const SPURIOUS_PAUSE_MS = 100;
const TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 2 * 1024 * 1024;

export class LoginClient {
  readonly #clock: Clock;
  readonly #skews = new Map<string, number>();
  readonly #log: Log;
  readonly #dispatcher: Dispatcher | undefined;
  readonly #timeoutMs: number;

  constructor(options: LoginClientOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#dispatcher = options.dispatcher;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** How far the clock of `origin` is ahead of ours, by its last answer; 0 when it never answered. */
  skewMs(origin: string): number {
    return this.#skews.get(origin) ?? 0;
  }

  /** Throws SignInError: `unreachable` for no answer or a 5xx, `bad-input` for an address that is not encrypted. */
  async send(asked: LoginRequest): Promise<LoginAnswer> {
    assertSafe(asked.url);
    let answer = await this.#exchange(asked);
    for (let n = 0; n < SPURIOUS_REPEATS && !asked.once && isSpurious(answer); n += 1) {
      await this.#clock.sleep(SPURIOUS_PAUSE_MS * (n + 1), asked.signal);
      answer = await this.#exchange(asked);
    }
    for (let n = 0; n < SHORT_PAUSES && !asked.once && isShortPause(answer); n += 1) {
      await this.#clock.sleep(retryAfterMs(answer), asked.signal);
      answer = await this.#exchange(asked);
    }
    for (let n = 0; n < GATEWAY_REPEATS && isRepeatable(asked) && isGatewayFault(answer); n += 1) {
      await this.#clock.sleep(GATEWAY_PAUSE_MS, asked.signal);
      answer = await this.#exchange(asked);
    }
    this.#log.debug(
      {
        host: asked.url.host,
        path: asked.url.pathname,
        method: asked.method ?? 'GET',
        status: answer.status,
      },
      'sign-in request',
    );
    const isPassing = PASSING.has(answer.status) || (answer.status >= 500 && !asked.faultsAllowed);
    if (!isPassing) return answer;
    const says = answer.status === 429 ? 'asks for a pause' : 'has a fault of its own';
    throw new SignInError('unreachable', `${asked.url.host} ${says} (${answer.status}): try later`, {
      retryAfterMs: retryAfterMs(answer),
    });
  }

  async #exchange(asked: LoginRequest): Promise<LoginAnswer> {
    try {
      return await this.#once(asked).catch((error: unknown) => {
        // What changes nothing is sent once more (RFC 9110 9.2.2).
        if (!isRepeatable(asked) || !BROKEN_CONNECTION.test(codeOf(error))) throw error;
        return this.#once(asked);
      });
    } catch (error) {
      if (error instanceof SignInError) throw error;
      asked.signal.throwIfAborted();
      const code = codeOf(error);
      const fault = connectionFault(code);
      const why = fault === null ? ` (${code}): check the network` : `: ${fault}`;
      throw new SignInError('unreachable', `cannot reach ${asked.url.host}${why}`, {
        wasNotSent: BEFORE_SENDING.test(code),
      });
    }
  }

  async #once(asked: LoginRequest): Promise<LoginAnswer> {
    const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(this.#timeoutMs)]);
    const wire = {
      method: asked.method ?? 'GET',
      headers: headersOf(asked),
      body: asked.body ?? null,
      signal,
    };
    const response = await request(asked.url, wire, this.#dispatcher);
    const text = await boundedText(response.body);
    asked.jar?.absorb(asked.url, listOf(response.headers['set-cookie']));
    return this.#noting(answerOf(asked.url, response.statusCode, response.headers, text));
  }

  /** A Date header has whole seconds: differences of that size mean nothing. */
  #noting(answer: LoginAnswer): LoginAnswer {
    if (answer.dateMs === null) return answer;
    const skewMs = answer.dateMs - this.#clock.now();
    this.#skews.set(answer.url.origin, Math.abs(skewMs) < 2_000 ? 0 : skewMs);
    return answer;
  }
}

function isRepeatable({ method, once }: LoginRequest): boolean {
  return (method ?? 'GET') === 'GET' && !once;
}

/** 401 "Unable to initialize RPS" comes and goes and says nothing of a session (protocol notes 5.2.9). */
function isSpurious({ status, header }: LoginAnswer): boolean {
  if (status !== 401 || /json|xml/i.test(header('content-type') ?? '')) return false;
  if (/RPS/.test(header('x-msdavext_error') ?? '')) return true;
  return TELLING_HEADERS.every((name) => header(name) === null);
}

/** What was refused for that was not looked at: it may be sent again. */
function isShortPause(answer: LoginAnswer): boolean {
  const pauseMs = retryAfterMs(answer);
  return (answer.status === 429 || answer.status === 503) && pauseMs > 0 && pauseMs <= SHORT_PAUSE_MS;
}

function isGatewayFault(answer: LoginAnswer): boolean {
  return GATEWAY_FAULTS.has(answer.status) && retryAfterMs(answer) === 0;
}

/** 0 where the server names no time. */
function retryAfterMs({ header, dateMs }: LoginAnswer): number {
  const value = header('retry-after') ?? '';
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - (dateMs ?? Number.NaN);
  return delayMs > 0 ? Math.min(delayMs, LONGEST_RETRY_AFTER_MS) : 0;
}

const TELLING_HEADERS = [
  'www-authenticate',
  'x-msdavext_error',
  'x-forms_based_auth_required',
  'x-idcrl_auth_params_v1',
];

function headersOf(asked: LoginRequest): Record<string, string> {
  const cookie = asked.jar?.header(asked.url);
  return {
    'user-agent': BROWSER_USER_AGENT,
    accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    ...(asked.body === undefined && asked.method === 'POST' ? { 'content-length': '0' } : {}),
    ...asked.headers,
    ...(cookie ? { cookie } : {}),
  };
}

async function boundedText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new SignInError('protocol', 'a sign-in page is larger than 2 MiB: giving up');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf(
  url: URL,
  status: number,
  headers: Record<string, string | string[] | undefined>,
  text: string,
): LoginAnswer {
  const header = (name: string) => listOf(headers[name])[0] ?? null;
  const location = status >= 300 && status < 400 ? resolved(header('location'), url) : null;
  const setsCookie = (name: string) =>
    listOf(headers['set-cookie']).some((cookie) => cookie.startsWith(`${name}=`));
  const dateMs = Date.parse(header('date') ?? '');
  const date = { dateMs: Number.isNaN(dateMs) ? null : dateMs };
  return { url, status, text, location, ...date, header, setsCookie };
}

function resolved(location: string | null, base: URL): URL | null {
  if (location === null || !URL.canParse(location, base.href)) return null;
  return new URL(location, base);
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
