/** The limits of bandwidth: kept over all transfers, without starving small ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandwidthLayer } from '../../../../src/sharepoint/http/bandwidth-layer.js';
import type { HttpRequest, HttpResponse, Transport } from '../../../../src/sharepoint/http/transport.js';
import { FakeClock } from '../../../support/fake-clock.js';

const NEVER = new AbortController().signal;
const KIB = 1024;
const RATE = 1024 * KIB;

const REQUEST: HttpRequest = {
  method: 'GET',
  url: new URL('http://127.0.0.1/'),
  headers: {},
  body: null,
  lane: 'interactive',
  repeat: 'always',
  silenceMs: 1000,
  patienceMs: 1000,
};

async function* bytes(size: number, piece = 64 * KIB): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += piece) yield new Uint8Array(Math.min(piece, size - at));
}

/** Reads request bodies to their end, and answers as many bytes as the request's `x-bytes` says. */
const server: Transport = {
  async send({ body, headers }) {
    if (body !== null) for await (const _ of body.open());
    const size = Number(headers['x-bytes'] ?? 0);
    const answer: HttpResponse = {
      status: 200,
      headers: headers['x-untold'] === undefined ? { 'content-length': String(size) } : {},
      setCookies: [],
      body: { [Symbol.asyncIterator]: () => bytes(size), cancel() {} },
      afterDoubt: false,
    };
    return answer;
  },
};

function limited() {
  const clock = new FakeClock();
  const transport = bandwidthLayer({ clock, upBytesPerSecond: RATE, downBytesPerSecond: RATE })(server);
  const ended = new Map<string, number>();
  const note = (name: string) => () => void ended.set(name, clock.monotonic());
  const download = async (name: string, size: number, more: Record<string, string> = {}) => {
    const headers = { 'x-bytes': String(size), ...more };
    const { body } = await transport.send({ ...REQUEST, headers }, NEVER);
    for await (const _ of body);
    note(name)();
  };
  const upload = (name: string, size: number) =>
    transport
      .send({ ...REQUEST, method: 'PUT', body: { size, open: () => bytes(size) } }, NEVER)
      .then(note(name));
  return { clock, download, upload, ended };
}

for (const direction of ['download', 'upload'] as const) {
  test(`${direction}s keep the limit together, within a tenth`, async () => {
    const { clock, ended, ...ways } = limited();
    for (let at = 0; at < 5; at++) void ways[direction](`large ${at}`, 4 * RATE);
    await clock.run(30_000);
    const lastMs = Math.max(...ended.values());
    assert.equal(ended.size, 5);
    assert.ok(lastMs > 18_000 && lastMs < 22_000, `${lastMs} ms for 20 s of bytes`);
  });

  test(`small ${direction}s do not wait for large ones, and count all the same`, async () => {
    const { clock, ended, ...ways } = limited();
    for (let at = 0; at < 5; at++) void ways[direction](`large ${at}`, 4 * RATE);
    await clock.run(5_000);
    void ways[direction]('small', 8 * KIB);
    await clock.run(30_000);
    assert.equal(ended.get('small'), 5_000);
  });

  test(`many small ${direction}s keep the limit as well`, async () => {
    const { clock, ended, ...ways } = limited();
    for (let at = 0; at < 1000; at++) void ways[direction](`small ${at}`, 8 * KIB);
    await clock.run(20_000);
    const lastMs = Math.max(...ended.values());
    assert.ok(lastMs > 7_000 && lastMs < 8_600, `${lastMs} ms for 7.8 s of bytes`);
  });
}

test('a body whose length nobody told is small until it is not', async () => {
  const { clock, ended, download } = limited();
  for (let at = 0; at < 5; at++) void download(`large ${at}`, 4 * RATE, { 'x-untold': '' });
  await clock.run(5_000);
  void download('small', 8 * KIB, { 'x-untold': '' });
  await clock.run(30_000);
  assert.equal(ended.get('small'), 5_000);
  assert.ok(Math.max(...ended.values()) > 18_000);
});
