/** A connection that breaks in the middle of an answer. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Metrics, silentLog, systemClock } from '../../../../src/base/index.js';
import { DriveError } from '../../../../src/drive/index.js';
import { readBytes } from '../../../../src/sharepoint/http/body.js';
import { createHttp, DEFAULT_HTTP } from '../../../../src/sharepoint/http/create-http.js';
import type { HttpRequest } from '../../../../src/sharepoint/http/transport.js';

const WHOLE = 'a listing';

/** Breaks off the first answers, and gives the number of those that it began. */
async function server(t: TestContext, broken: number): Promise<{ url: URL; answers: () => number }> {
  let answers = 0;
  const line = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      answers += 1;
      const text = answers <= broken ? WHOLE.slice(0, 4) : WHOLE;
      socket.end(`HTTP/1.1 207 Multi-Status\r\nContent-Length: ${WHOLE.length}\r\n\r\n${text}`);
    });
  });
  t.after(() => line.close());
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const address = line.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: new URL(`http://127.0.0.1:${address.port}/`), answers: () => answers };
}

async function asked(t: TestContext, url: URL, changes: Partial<HttpRequest>): Promise<string> {
  const options = { ...DEFAULT_HTTP, clock: systemClock, log: silentLog, metrics: new Metrics() };
  const http = createHttp(options);
  t.after(() => http.close());
  const request: HttpRequest = {
    method: 'PROPFIND',
    url,
    headers: {},
    body: null,
    lane: 'interactive',
    repeat: 'always',
    silenceMs: 5_000,
    patienceMs: 10_000,
    ...changes,
  };
  const answer = await http.open.send(request, new AbortController().signal);
  return (await readBytes(answer, 1_000)).toString();
}

test('text is asked for again', async (t) => {
  const { url, answers } = await server(t, 1);
  assert.equal(await asked(t, url, { isText: true }), WHOLE);
  assert.equal(answers(), 2);
});

test('anything else is for whoever reads it', async (t) => {
  const { url, answers } = await server(t, 1);
  await assert.rejects(asked(t, url, {}), DriveError);
  assert.equal(answers(), 1);
});
