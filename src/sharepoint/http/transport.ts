/**
 * The one type that every HTTP layer has: `send(request, signal)`. A layer is a transport made around another one.
 * Requests can be sent again: their bodies open anew each time. Nothing here knows what a request is for.
 */
import type { Lane } from '../../drive/index.js';
import type { JudgeGenuineness } from './genuine-layer.js';
import type { Patience } from './patience.js';

export interface RequestBody {
  /** Bytes; always known, because the server takes no chunked bodies (protocol notes 2.4). */
  readonly size: number;
  /** The bytes from the start; called once per attempt. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * What may be done after a failure that leaves open whether the server acted:
 * - `always`  sending again does no harm (the answer then says `afterDoubt`)
 * - `unsent`  only what certainly was not acted upon is sent again; else the failure goes to the caller, who looks
 */
export type Repeat = 'always' | 'unsent';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
  readonly lane: Lane;
  readonly repeat: Repeat;
  /** How long the server may say nothing: before the answer begins, and between pieces of either body. */
  readonly silenceMs: number;
  /** How long the answer's headers may take in all, renewals, pauses and repetitions included. */
  readonly patienceMs: number;
  /** Counts it down. */
  readonly patience?: Patience;
  /** An attempt leaves for the server: what came before was waiting on our side. If this throws, it does not leave. */
  readonly onAttempt?: () => void;
  /** It relies on what was looked at just now: its turn comes before those of others that wait in its lane. */
  readonly isSoon?: boolean;
  /** The server has answered it, whatever it said. */
  readonly onAnswer?: () => void;
  /** Where a 500 is the answer, the caller has another way to what it asks for: this one is not tried for long. */
  readonly hasOtherWay?: boolean;
  /** The answer is long text: the server may send it packed, and it is read unpacked. */
  readonly mayBePacked?: boolean;
  /** Nothing is changed by it, and what is asked for is told in text: half an answer is none. */
  readonly isText?: boolean;
  /** The transfer is big: it must not take the last slots away from small requests. */
  readonly long?: boolean;
  /**
   * What a successful answer of HTML means: `fine` (a file that happens to be HTML), `look` (a sign-in page if it
   * looks like one; the default), `page` (never the file itself, unless it carries an item's ETag).
   */
  readonly html?: 'fine' | 'look' | 'page';
  /** How the server's own answers are told from those of a network in between; absent: whatever comes is taken. */
  readonly judge?: JudgeGenuineness;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by a comma, but for Set-Cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: ResponseBody;
  /** An earlier attempt at the same request ended without an answer: it may have taken effect. */
  readonly afterDoubt: boolean;
}

/** Read once, or cancelled; one of the two must happen, or a slot is held for ever. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  cancel(): void;
}

export interface Transport {
  /** Resolves with any answer of the server's; throws DriveError, or the signal's reason. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

export type Layer = (inner: Transport) => Transport;

/** The first layer is the outermost. */
export function layered(base: Transport, ...layers: readonly Layer[]): Transport {
  return layers.reduceRight((inner, layer) => layer(inner), base);
}
