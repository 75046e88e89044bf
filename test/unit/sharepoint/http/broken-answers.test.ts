/** What comes over the line is no HTTP, or stops being it in the middle: the line's failure, which is tried again. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../../src/base/index.js';
import { DriveError } from '../../../../src/drive/index.js';
import { readBytes } from '../../../../src/sharepoint/http/body.js';
import type { HttpRequest } from '../../../../src/sharepoint/http/transport.js';
import { UndiciTransport } from '../../../../src/sharepoint/http/undici-transport.js';
import { WireFailure } from '../../../../src/sharepoint/http/wire-failure.js';

async function answered(t: TestContext, bytes: string): Promise<Buffer> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.end(bytes));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const transport = new UndiciTransport({
    clock: systemClock,
    connections: 1,
    connectTimeoutMs: 5_000,
    keepAliveMs: 5_000,
  });
  t.after(() => transport.close());
  const request: HttpRequest = {
    method: 'GET',
    url: new URL(`http://127.0.0.1:${address.port}/a`),
    headers: {},
    body: null,
    lane: 'interactive',
    repeat: 'always',
    silenceMs: 5_000,
    patienceMs: 5_000,
  };
  const answer = await transport.send(request, new AbortController().signal);
  return readBytes(answer, 1_000);
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const BROKEN = {
  'a piece without its length': `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\nzz`,
  'a header that is none': `${HEAD}Set-Cookie: FedAuth=secret\r\nno header\r\n\r\n`,
  'something else': 'SSH-2.0-OpenSSH_9.2\r\n',
};

for (const [what, bytes] of Object.entries(BROKEN)) {
  test(`${what} is a connection that failed`, async (t) => {
    await assert.rejects(answered(t, bytes), (error: unknown) => {
      assert.ok(error instanceof DriveError, String(error));
      assert.equal(error.kind, 'unreachable');
      assert.ok(error.cause instanceof WireFailure && error.cause.maybeSent);
      return true;
    });
  });
}
