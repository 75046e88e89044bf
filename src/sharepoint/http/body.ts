/** Small tools around bodies: from text, to text (bounded), watched, thrown away. */
import { DriveError } from '../../drive/index.js';
import type { HttpResponse, RequestBody, ResponseBody } from './transport.js';

export function bytesBody(content: Uint8Array | string): RequestBody {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return {
    size: bytes.length,
    async *open() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** The whole body as bytes; throws `protocol` when it is longer than `limitBytes`. */
export async function readBytes(response: HttpResponse, limitBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > limitBytes) throw new DriveError('protocol', `the answer is longer than ${limitBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

export async function readText(response: HttpResponse, limitBytes: number): Promise<string> {
  return (await readBytes(response, limitBytes)).toString('utf8');
}

export function discard(response: HttpResponse): void {
  response.body.cancel();
}

/** A body that was read already, to be read again. */
export function replayedBody(parts: readonly Uint8Array[]): ResponseBody {
  return {
    async *[Symbol.asyncIterator]() {
      yield* parts;
    },
    cancel() {},
  };
}

export interface BodyWatch {
  /** Before a piece is handed on; may wait. */
  readonly onPiece?: (bytes: number) => Promise<void> | void;
  /** Exactly once: at the end, on failure, or when the reader leaves. */
  readonly onEnd?: (error: unknown) => void;
}

export function watchedBody(body: ResponseBody, watch: BodyWatch): ResponseBody {
  let ended = false;
  const end = (error: unknown) => {
    if (ended) return;
    ended = true;
    watch.onEnd?.(error);
  };
  return {
    [Symbol.asyncIterator]: () => watchedIterator(body[Symbol.asyncIterator](), watch, end),
    cancel() {
      body.cancel();
      end(undefined);
    },
  };
}

function watchedIterator(
  inner: AsyncIterator<Uint8Array>,
  watch: BodyWatch,
  end: (error: unknown) => void,
): AsyncIterator<Uint8Array> {
  return {
    async next() {
      try {
        const step = await inner.next();
        if (step.done) end(undefined);
        else await watch.onPiece?.(step.value.length);
        return step;
      } catch (error) {
        end(error);
        throw error;
      }
    },
    async return() {
      await inner.return?.();
      end(undefined);
      return { done: true, value: undefined };
    },
  };
}

/** The first bytes of a body (up to about `bytes`), and the whole body to be read as if nobody had looked. */
export async function peeked(
  body: ResponseBody,
  bytes: number,
  isEnough = () => false,
): Promise<{ start: Buffer; body: ResponseBody }> {
  const iterator = body[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < bytes && !isEnough()) {
    const step = await iterator.next();
    if (step.done) return { start: Buffer.concat(parts), body: replayedBody(parts) };
    parts.push(step.value);
    size += step.value.length;
  }
  const rest: ResponseBody = {
    async *[Symbol.asyncIterator]() {
      yield* parts;
      yield* { [Symbol.asyncIterator]: () => iterator };
    },
    cancel: () => body.cancel(),
  };
  return { start: Buffer.concat(parts), body: rest };
}
