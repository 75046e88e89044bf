/**
 * Signs requests in, recognises every way of being told "not signed in", has the session renewed (once for all who
 * wait) and repeats the request: whoever sent it notices nothing. Bounded, so that a server that refuses fresh
 * sessions too is never asked in a loop.
 */
import type { Clock, Log } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { isSignInPage, type SignInVerdict, signInVerdict, spuriousRepeats } from '../wire/not-signed-in.js';
import { isDigestRefusal } from '../wire/rest-error.js';
import type { Authenticator, Challenge, SessionStamp } from './authenticator.js';
import { discard, peeked } from './body.js';
import type { SessionProbe } from './session-probe.js';
import type { HttpRequest, HttpResponse, Layer, Transport } from './transport.js';

export interface SessionOptions {
  readonly authenticator: Authenticator;
  /** Asks whether the session is alive when a refusal may mean either; null where refusals are never ambiguous. */
  readonly probe: SessionProbe | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sessions may expire within seconds of each other; more renewals than this for one request are a loop. */
const RENEWALS_PER_REQUEST = 3;
/** Between repetitions after refusals that say nothing of the session. */
const SPURIOUS_PAUSE_MS = 100;
/** A refusal while the session lives is the server's word on its second saying. */
const DOUBTS_PER_REQUEST = 1;
const LOOK_BYTES = 32 * 1024;

export function sessionLayer(options: SessionOptions): Layer {
  return (inner) => ({ send: (request, signal) => new SignedSend(inner, options, request).run(signal) });
}

class SignedSend {
  readonly #inner: Transport;
  readonly #options: SessionOptions;
  readonly #request: HttpRequest;
  #spuriousSeen = 0;
  #doubtsSeen = 0;
  #afterDoubt = false;

  constructor(inner: Transport, options: SessionOptions, request: HttpRequest) {
    this.#inner = inner;
    this.#options = options;
    this.#request = request;
  }

  async run(signal: AbortSignal): Promise<HttpResponse> {
    const { authenticator, clock, log } = this.#options;
    for (let renewals = 0; renewals <= RENEWALS_PER_REQUEST; ) {
      const signed = await authenticator.apply(this.#request.url, signal);
      const headers = { ...this.#request.headers, ...signed.headers };
      const response = await this.#inner.send({ ...this.#request, headers }, signal);
      this.#afterDoubt ||= response.afterDoubt;
      if (response.setCookies.length > 0) authenticator.absorb(this.#request.url, response.setCookies);
      const judged = await this.#judge(response, signal);
      if (judged.isDoubtful && (await this.#isWorthAsking(signed.stamp, signal))) {
        discard(judged.response);
        continue;
      }
      if (judged.challenge === null) {
        if (response.status !== 403) authenticator.accepted?.(this.#request.url, signed.stamp);
        return { ...judged.response, afterDoubt: this.#afterDoubt };
      }
      discard(judged.response);
      if (this.#spuriousSeen < spuriousRepeats(judged.challenge, response.headers)) {
        this.#spuriousSeen += 1;
        await clock.sleep(SPURIOUS_PAUSE_MS * (this.#spuriousSeen - 1), signal);
        continue;
      }
      log.debug({ challenge: judged.challenge.kind, status: judged.challenge.status }, 'not signed in');
      await authenticator.rejected(judged.challenge, signed.stamp, signal);
      renewals += 1;
    }
    // Not `signed-out`: the sign-in is as good as it gets, and nobody would hear of it when the server thinks better of it.
    throw new DriveError('unreachable', 'the server refuses this request although the sign-in is good', {
      status: 401,
    });
  }

  /** Once more: it may have been an older session that was refused. A body is sent again for that alone. */
  async #isWorthAsking(stamp: SessionStamp, signal: AbortSignal): Promise<boolean> {
    if (this.#doubtsSeen >= DOUBTS_PER_REQUEST) return false;
    this.#doubtsSeen += 1;
    if (this.#request.body === null) return true;
    return (await this.#options.authenticator.apply(this.#request.url, signal)).stamp !== stamp;
  }

  async #judge(response: HttpResponse, signal: AbortSignal): Promise<Judged> {
    const { url, html } = this.#request;
    const verdict = signInVerdict(
      { status: response.status, headers: response.headers, url },
      html ?? 'look',
    );
    switch (verdict.kind) {
      case 'fine':
        return { response, challenge: null };
      case 'challenge':
        return { response, challenge: verdict.challenge };
      case 'look':
        return this.#look(response, verdict);
      case 'doubtful':
        return this.#ask(response, verdict, signal);
    }
  }

  async #look(response: HttpResponse, { challenge }: Suspicion): Promise<Judged> {
    const { start, body } = await peeked(response.body, LOOK_BYTES);
    const isPage = isSignInPage(start.toString('latin1'));
    return { response: { ...response, body }, challenge: isPage ? challenge : null };
  }

  async #ask(response: HttpResponse, { challenge }: Suspicion, signal: AbortSignal): Promise<Judged> {
    const { start, body } = await peeked(response.body, LOOK_BYTES);
    const seen = { ...response, body };
    const { probe } = this.#options;
    if (probe === null || isDigestRefusal(start.toString('utf8'))) return { response: seen, challenge: null };
    const alive = await probe.isAlive(this.#inner, this.#request.lane, signal);
    return { response: seen, challenge: alive ? null : challenge, isDoubtful: alive };
  }
}

type Suspicion = Extract<SignInVerdict, { challenge: Challenge }>;

interface Judged {
  readonly response: HttpResponse;
  readonly challenge: Challenge | null;
  /** Refused although the session lives: it may have been an older one that the request was sent with. */
  readonly isDoubtful?: boolean;
}
