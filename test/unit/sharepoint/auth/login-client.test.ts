/** Connections that break while they are kept for the next request. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Agent } from 'undici';
import { silentLog, systemClock } from '../../../../src/base/index.js';
import { LoginClient, type LoginRequest } from '../../../../src/sharepoint/auth/login-client.js';
import { NEVER_ABORTED } from '../../../support/auth-place.js';

/** A server that answers only the first request of each connection, and closes it at the second. */
async function forgetfulServer(t: TestContext) {
  const known = new WeakSet<object>();
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.method!);
    if (known.has(request.socket)) return request.socket.destroy();
    known.add(request.socket);
    response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Agent({ connections: 1 });
  t.after(() => dispatcher.destroy());
  t.after(() => server.close());
  const client = new LoginClient({ clock: systemClock, log: silentLog, dispatcher });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const send = (asked: Partial<LoginRequest> = {}) => client.send({ url, signal: NEVER_ABORTED, ...asked });
  return { send, seen };
}

test('a question whose kept connection the server had closed is asked once more', async (t) => {
  const { send, seen } = await forgetfulServer(t);
  assert.equal((await send()).text, 'here');
  assert.equal((await send()).text, 'here');
  assert.deepEqual(seen, ['GET', 'GET', 'GET']);
});

test('what may have been done, or carries a password, is not sent twice', async (t) => {
  const { send, seen } = await forgetfulServer(t);
  await send();
  await assert.rejects(send({ method: 'POST', body: 'grant' }), { kind: 'unreachable' });
  await send();
  await assert.rejects(send({ once: true }), { kind: 'unreachable' });
  assert.deepEqual(seen, ['GET', 'POST', 'GET', 'GET']);
});
