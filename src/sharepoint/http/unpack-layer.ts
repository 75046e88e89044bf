/**
 * Long text travels packed where the server packs it: a listing shrinks to a tenth of its length. Only requests that say
 * so ask for it, and files never do: a part of a packed file is no part of the file, and some servers tell of a stored
 * `.gz` as of something that they packed. Below whoever looks into answers, above whoever counts what the line carries.
 */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Log } from '../../base/index.js';
import { DriveError } from '../../drive/index.js';
import { peeked } from './body.js';
import type { HttpResponse, Layer, ResponseBody } from './transport.js';
import { WireFailure } from './wire-failure.js';

const CODING = 'gzip';
/** RFC 9110, 8.4.1.3: both names are the same. */
const PACKED = /^(?:x-)?gzip$/i;
/** A turn of the thread pool each. */
const PIECE_BYTES = 64 * 1024;
/** Shown where a connection's own failure would have its code. */
const CODE = 'EUNPACK';

/** A server, or a network in between, that packs badly is not asked for it again. */
export function unpackLayer(log: Log): Layer {
  let isTrusted = true;
  const spoilt = () => {
    if (isTrusted) log.warn('the server packed an answer badly: from now on listings come as they are');
    isTrusted = false;
  };
  return (inner) => ({
    async send(request, signal) {
      if (request.mayBePacked !== true || !isTrusted) return inner.send(request, signal);
      const headers = { ...request.headers, 'accept-encoding': CODING };
      const response = await inner.send({ ...request, headers }, signal);
      const coding = response.headers['content-encoding'] ?? '';
      return PACKED.test(coding) ? unpacked(response, spoilt) : response;
    },
  });
}

function unpacked(response: HttpResponse, spoilt: () => void): HttpResponse {
  const { 'content-encoding': _coding, 'content-length': _length, ...headers } = response.headers;
  const { body } = response;
  return {
    ...response,
    headers,
    body: { [Symbol.asyncIterator]: () => unpackedPieces(body, spoilt), cancel: () => body.cancel() },
  };
}

async function* unpackedPieces(body: ResponseBody, spoilt: () => void): AsyncGenerator<Uint8Array> {
  const packed = await peeked(body, 1);
  // An answer without a body may still tell how its body would be packed.
  if (packed.start.length === 0) return;
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // What fails is thrown to whoever reads.
  pipeline(Readable.from(packed.body, { objectMode: false }), gunzip, () => {});
  try {
    for await (const piece of gunzip) yield piece as Buffer;
  } catch (error) {
    if (!isDamage(error)) throw error;
    spoilt();
    throw damaged(error);
  } finally {
    gunzip.destroy();
  }
}

/** What zlib says of bytes that it cannot read, or that end too early. */
function isDamage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && code.startsWith('Z_');
}

function damaged(cause: unknown): DriveError {
  return new DriveError('unreachable', 'the answer came packed and cannot be unpacked', {
    cause: new WireFailure(CODE, true, cause),
  });
}
