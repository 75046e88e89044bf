/** A front end that sends interim answers, asked for or not, before the one that counts. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { systemClock } from '../../../../src/base/index.js';
import { readBytes } from '../../../../src/sharepoint/http/body.js';
import { InterimFilter } from '../../../../src/sharepoint/http/interim-answers.js';
import { request } from '../../../../src/sharepoint/http/request.js';
import type { HttpRequest } from '../../../../src/sharepoint/http/transport.js';
import { UndiciTransport } from '../../../../src/sharepoint/http/undici-transport.js';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** Answers each request, recognized by its path, with the same bytes. */
async function serverThatSays(answer: (path: string) => string): Promise<URL> {
  const server = createServer((socket: Socket) => {
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      const path = /^[A-Z]+ (\S+).*?\r\n\r\n/s.exec(head)?.[1];
      if (path === undefined) return;
      head = '';
      socket.write(answer(path));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return new URL(`http://127.0.0.1:${address.port}`);
}

function transport(): UndiciTransport {
  return new UndiciTransport({
    clock: systemClock,
    connections: 1,
    connectTimeoutMs: 5_000,
    keepAliveMs: 5_000,
  });
}

async function ask(line: UndiciTransport, url: URL): Promise<[number, string]> {
  const request: HttpRequest = {
    method: 'PROPFIND',
    url,
    headers: {},
    body: null,
    lane: 'interactive',
    repeat: 'always',
    silenceMs: 5_000,
    patienceMs: 5_000,
  };
  const answer = await line.send(request, new AbortController().signal);
  return [answer.status, (await readBytes(answer, 1_000)).toString()];
}

const body = (text: string) => `HTTP/1.1 207 Multi-Status\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const HINTS = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n';

test('interim answers that nobody asked for are passed over, on one connection again and again', async () => {
  const url = await serverThatSays((path) => CONTINUE + HINTS + CONTINUE + body(`at ${path}`));
  const line = transport();
  for (const path of ['/a', '/b', '/c'])
    assert.deepEqual(await ask(line, new URL(path, url)), [207, `at ${path}`]);
  await line.close();
});

test('a body that reads like an interim answer stays as it is', async () => {
  const url = await serverThatSays(() => CONTINUE + body(CONTINUE + HINTS));
  const line = transport();
  assert.deepEqual(await ask(line, url), [207, CONTINUE + HINTS]);
  await line.close();
});

test('a server that is not there is told as one', async () => {
  const url = await serverThatSays(() => body(''));
  await new Promise((resolve) => servers.pop()!.close(resolve));
  const line = transport();
  await assert.rejects(ask(line, url), { name: 'DriveError', kind: 'unreachable' });
  await line.close();
});

test('heads that come byte by byte, and pieces of bodies that begin like one', () => {
  const filter = new InterimFilter();
  const passed = (bytes: string) => filter.pass(Buffer.from(bytes))?.toString() ?? '';
  for (let round = 0; round < 2; round += 1) {
    filter.expectHead();
    const bytes = CONTINUE + HINTS + body('text');
    assert.equal([...bytes].map(passed).join(''), body('text'));
    assert.equal(passed(CONTINUE), CONTINUE, 'no head is due in a body');
  }
});

test('what is no interim answer is left to whoever parses heads', () => {
  for (const bytes of [
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    `HTTP/1.1 100 ${'x'.repeat(20_000)}`,
    'SSH-2.0-none\r\n',
  ]) {
    const filter = new InterimFilter();
    filter.expectHead();
    assert.equal(filter.pass(Buffer.from(bytes))?.toString(), bytes);
  }
});

test('a form that is posted to sign in is answered after interim answers as well', async () => {
  const url = await serverThatSays(() => `HTTP/1.1 100 Continue\r\n\r\n${body('signed in')}`);
  const answer = await request(url, { method: 'POST', body: 'code=1' });
  assert.equal(await answer.body.text(), 'signed in');
});
