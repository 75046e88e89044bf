/** What comes packed is read unpacked; what comes damaged is a failure of the line, and is not asked for again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { silentLog } from '../../../../src/base/index.js';
import { DriveError } from '../../../../src/drive/index.js';
import type { HttpRequest, HttpResponse } from '../../../../src/sharepoint/http/transport.js';
import { unpackLayer } from '../../../../src/sharepoint/http/unpack-layer.js';

const NEVER = new AbortController().signal;
const TEXT = Buffer.from('a row of the library\n'.repeat(20_000));
const LISTING: HttpRequest = {
  method: 'POST',
  url: new URL('http://127.0.0.1/'),
  headers: {},
  body: null,
  lane: 'bulk',
  repeat: 'always',
  silenceMs: 1000,
  patienceMs: 1000,
  mayBePacked: true,
};

interface Sent {
  readonly pieces: readonly (Uint8Array | Error)[];
  readonly headers?: Record<string, string>;
}

/** A server that sends the same to everybody, and what it saw. */
function server({ pieces, headers = { 'content-encoding': 'gzip' } }: Sent) {
  const seen = { accepted: [] as (string | undefined)[], closed: 0 };
  const close = () => {
    seen.closed += 1;
  };
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece;
        yield piece;
      }
    } finally {
      close();
    }
  }
  const transport = unpackLayer(silentLog)({
    async send(request) {
      seen.accepted.push(request.headers['accept-encoding']);
      const answer: HttpResponse = {
        status: 200,
        headers,
        setCookies: [],
        body: { [Symbol.asyncIterator]: body, cancel: close },
        afterDoubt: false,
      };
      return answer;
    },
  });
  return { transport, seen };
}

async function read({ body }: HttpResponse): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

function inPieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
}

test('a packed listing is read as it was', async () => {
  const packed = gzipSync(TEXT);
  for (const coding of ['gzip', 'x-gzip', 'GZIP']) {
    const headers = { 'content-encoding': coding, 'content-length': String(packed.length), etag: '"1"' };
    const { transport, seen } = server({ pieces: inPieces(packed, 100), headers });
    const answer = await transport.send(LISTING, NEVER);
    assert.deepEqual(answer.headers, { etag: '"1"' });
    assert.ok(TEXT.equals(await read(answer)));
    assert.deepEqual([seen.accepted, seen.closed], [['gzip'], 1]);
  }
});

test('what is not packed stays as it is, and so does what nobody asked for', async () => {
  const plain = server({ pieces: [TEXT], headers: {} });
  assert.ok(TEXT.equals(await read(await plain.transport.send(LISTING, NEVER))));
  const packed = gzipSync(TEXT);
  const stored = server({ pieces: [packed] });
  const answer = await stored.transport.send({ ...LISTING, mayBePacked: false }, NEVER);
  assert.ok(packed.equals(await read(answer)));
  assert.deepEqual(stored.seen.accepted, [undefined]);
});

test('an answer without a body is none', async () => {
  const { transport } = server({ pieces: [] });
  assert.equal((await read(await transport.send(LISTING, NEVER))).length, 0);
});

test('damage and an early end are failures, after which nothing is asked for packed', async () => {
  const packed = gzipSync(TEXT);
  const flipped = Buffer.from(packed);
  flipped[packed.length >> 1]! ^= 0xff;
  for (const bytes of [flipped, packed.subarray(0, -9), deflateRawSync(TEXT), Buffer.from('plain text')]) {
    const { transport, seen } = server({ pieces: inPieces(bytes, 64) });
    await assert.rejects(
      async () => read(await transport.send(LISTING, NEVER)),
      (error) => error instanceof DriveError && error.kind === 'unreachable',
    );
    await transport.send(LISTING, NEVER);
    assert.deepEqual(seen.accepted, ['gzip', undefined]);
    assert.equal(seen.closed, 1);
  }
});

test('a failure of the line stays what it is', async () => {
  const cut = new DriveError('unreachable', 'the connection failed: ECONNRESET');
  const { transport, seen } = server({ pieces: [gzipSync(TEXT).subarray(0, 50), cut] });
  await assert.rejects(async () => read(await transport.send(LISTING, NEVER)), cut);
  await transport.send(LISTING, NEVER);
  assert.deepEqual(seen.accepted, ['gzip', 'gzip']);
});

test('who stops reading lets the connection go', async () => {
  const { transport, seen } = server({ pieces: inPieces(gzipSync(TEXT), 100) });
  const { body } = await transport.send(LISTING, NEVER);
  for await (const _ of body) break;
  await new Promise(setImmediate);
  assert.equal(seen.closed, 1);
  (await transport.send(LISTING, NEVER)).body.cancel();
  assert.equal(seen.closed, 2);
});
