/** Asks the server one thing at a time, reading no more of an answer than is needed to judge it. Writes nothing. */
import { DriveError, type DriveErrorKind } from '../../drive/index.js';
import { bytesBody } from '../http/body.js';
import type { HttpResponse, Transport } from '../http/transport.js';
import type { ProbeAnswer } from './probe-report.js';

const PATIENCE_MS = 20_000;

export interface Question {
  readonly method: 'OPTIONS' | 'PROPFIND' | 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** More of the body than this is not read. */
  readonly longestBytes?: number;
}

export interface Answer {
  /** 0: the server gave no answer that the transport lets through. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Why there was none. */
  readonly failure: DriveErrorKind | null;
  /** The body went on after `longestBytes`. */
  readonly isCut: boolean;
  readonly tookMs: number;
}

const DEFAULT_LONGEST_BYTES = 4 * 1024 * 1024;

export class Asker {
  readonly #transport: Transport;
  readonly #signal: AbortSignal;

  constructor(transport: Transport, signal: AbortSignal) {
    this.#transport = transport;
    this.#signal = signal;
  }

  /** A refusal is an answer too; only the signal's reason is thrown. */
  async ask({
    method,
    url,
    headers = {},
    body,
    longestBytes = DEFAULT_LONGEST_BYTES,
  }: Question): Promise<Answer> {
    const beganMs = performance.now();
    try {
      const response = await this.#transport.send(
        {
          method,
          url,
          headers,
          body: body === undefined ? null : bytesBody(body),
          lane: 'interactive',
          repeat: 'always',
          silenceMs: PATIENCE_MS,
          patienceMs: PATIENCE_MS,
        },
        this.#signal,
      );
      const { text, isCut } = await readUpTo(response, longestBytes);
      const tookMs = Math.round(performance.now() - beganMs);
      return { status: response.status, headers: response.headers, text, isCut, tookMs, failure: null };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof DriveError)) throw error;
      const tookMs = Math.round(performance.now() - beganMs);
      const refusal = error.kind === 'signed-out' || error.kind === 'denied' ? 401 : 0;
      return {
        status: error.status ?? refusal,
        headers: {},
        text: '',
        isCut: false,
        tookMs,
        failure: error.kind,
      };
    }
  }
}

/** What a verdict rests on: the status, and why there was none. */
export function seenIn({ status, tookMs, failure }: Answer): ProbeAnswer['seen'] {
  return status === 0 ? { status, tookMs, failure } : { status, tookMs };
}

async function readUpTo(
  response: HttpResponse,
  longestBytes: number,
): Promise<{ text: string; isCut: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    parts.push(part);
    size += part.length;
    if (size <= longestBytes) continue;
    response.body.cancel();
    return { text: Buffer.concat(parts).toString('utf8'), isCut: true };
  }
  return { text: Buffer.concat(parts).toString('utf8'), isCut: false };
}
