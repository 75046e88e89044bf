/**
 * Sends again what failed in passing: throttling, an overloaded server, a connection that broke. Exponential back-off
 * with jitter; a pause that the server asked for is the governor's and is waited for there. What may have taken effect
 * is repeated only where that does no harm (`HttpRequest.repeat`). Signing in again is the session layer's.
 */
import type { Clock, Log, Metrics } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { discard } from './body.js';
import type { HttpRequest, HttpResponse, Layer, Transport } from './transport.js';
import { WireFailure } from './wire-failure.js';

export interface RetryOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Repetitions after server errors and broken connections. */
  readonly attempts: number;
  /** Repetitions after throttling. */
  readonly throttledAttempts: number;
  /** 0..1; tests make it predictable. */
  readonly random: () => number;
}

export const DEFAULT_RETRY = {
  firstDelayMs: 300,
  longestDelayMs: 20_000,
  attempts: 5,
  throttledAttempts: 12,
  random: Math.random,
} as const;

/** The network was not there: once more after a moment, then it is for the caller to know. */
const NO_NETWORK_ATTEMPTS = 1;
/** Each silence is a long wait by itself: whoever met two of them waits no longer (semantics: Time bounds). */
const SILENT_ATTEMPTS = 1;
/** "Being created", or a lock in passing. */
const LOCKED_ATTEMPTS = 2;
/** A 500 to what changes something is an accident or this server's way to say no; two more attempts tell. */
const FAILED_ATTEMPTS = 2;
/** The same for what can be asked for otherwise. */
const FAILED_ATTEMPTS_OF_ONE_WAY = 1;
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND']);

/** What one attempt came to. */
type Verdict = 'final' | 'throttled' | 'doubtful' | 'silent' | 'failed' | 'locked' | 'offline' | 'unsent';

/** It may have been done all the same. */
const DOUBTS: ReadonlySet<Verdict> = new Set(['doubtful', 'silent', 'failed']);

interface Attempt {
  readonly verdict: Verdict;
  readonly settle: () => HttpResponse;
  readonly drop: () => void;
  readonly reason: number | string;
}

export function retryLayer(options: RetryOptions): Layer {
  return (inner) => ({ send: (request, signal) => sendRepeatedly(inner, options, request, signal) });
}

async function sendRepeatedly(
  inner: Transport,
  options: RetryOptions,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const startedMs = options.clock.monotonic();
  const counts: Partial<Record<Verdict, number>> = {};
  let afterDoubt = false;
  for (let repeated = 0; ; repeated++) {
    const attempt = await tryOnce(inner, request, signal);
    const count = (counts[attempt.verdict] ?? 0) + 1;
    counts[attempt.verdict] = count;
    const delayMs = attempt.verdict === 'throttled' ? 0 : backOffMs(options, repeated);
    const isLate = options.clock.monotonic() - startedMs + delayMs >= request.patienceMs;
    if (isLate || count > allowed(attempt.verdict, request, options)) {
      return { ...attempt.settle(), afterDoubt };
    }
    afterDoubt ||= DOUBTS.has(attempt.verdict);
    attempt.drop();
    options.metrics.add('requests.retried');
    options.log.debug({ method: request.method, reason: attempt.reason, delayMs }, 'sending again');
    await options.clock.sleep(delayMs, signal);
  }
}

function allowed(verdict: Verdict, request: HttpRequest, options: RetryOptions): number {
  switch (verdict) {
    case 'final':
      return 0;
    case 'throttled':
      return options.throttledAttempts;
    case 'doubtful':
      return request.repeat === 'always' ? options.attempts : 0;
    case 'silent':
      return request.repeat === 'always' ? SILENT_ATTEMPTS : 0;
    case 'failed':
      if (request.hasOtherWay) return FAILED_ATTEMPTS_OF_ONE_WAY;
      if (READS.has(request.method)) return options.attempts;
      return request.repeat === 'always' ? FAILED_ATTEMPTS : 0;
    case 'unsent':
      return options.attempts;
    case 'offline':
      return NO_NETWORK_ATTEMPTS;
    case 'locked':
      return request.lane === 'bulk' ? LOCKED_ATTEMPTS : 0;
  }
}

async function tryOnce(inner: Transport, request: HttpRequest, signal: AbortSignal): Promise<Attempt> {
  try {
    const response = await inner.send(request, signal);
    const verdict = verdictOf(response.status);
    return { verdict, settle: () => response, drop: () => discard(response), reason: response.status };
  } catch (error) {
    if (signal.aborted || !(error instanceof DriveError) || !(error.cause instanceof WireFailure))
      throw error;
    const failure = error.cause;
    const verdict = failure.isNoNetwork ? 'offline' : failure.isSilence ? 'silent' : 'doubtful';
    const settle = () => {
      throw error;
    };
    return { verdict, settle, drop: () => {}, reason: failure.code };
  }
}

/** Statuses worth another attempt (protocol notes 4). 507 is not: the quota will not change by asking again. */
function verdictOf(status: number): Verdict {
  switch (status) {
    case 429:
    case 503:
      return 'throttled';
    case 425:
      return 'unsent';
    case 423:
      return 'locked';
    case 500:
      return 'failed';
    case 408:
    case 502:
    case 504:
    case 509:
      return 'doubtful';
    default:
      return 'final';
  }
}

function backOffMs({ firstDelayMs, longestDelayMs, random }: RetryOptions, repeated: number): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(repeated, 16));
  return Math.round(full * (0.5 + random() * 0.5));
}
