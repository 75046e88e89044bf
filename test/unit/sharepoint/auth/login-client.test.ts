/** Connections that break while they are kept for the next request, and pauses that are asked for. */
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

/** A server that asks for pauses of so many seconds, one after the other, and answers then; no time passes. */
const pausingServer = (t: TestContext, pauses: number[]) =>
  refusingServer(
    t,
    pauses.map((pause) => ({ status: 429, headers: { 'retry-after': String(pause) } })),
  );

interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Gives these answers, one after the other, and a good one from then on. */
async function refusingServer(t: TestContext, refusals: Refusal[]) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.method!);
    const refusal = refusals.shift();
    if (refusal !== undefined) response.writeHead(refusal.status, refusal.headers);
    response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const slept: number[] = [];
  const sleep = async (delayMs: number) => void slept.push(delayMs);
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  const client = new LoginClient({ clock: { ...systemClock, sleep }, log: silentLog, dispatcher });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const send = (asked: Partial<LoginRequest> = {}) => client.send({ url, signal: NEVER_ABORTED, ...asked });
  return { send, seen, slept };
}

test('a short pause that is asked for in the middle of a renewal is waited for', async (t) => {
  const { send, seen, slept } = await pausingServer(t, [1, 2]);
  assert.equal((await send({ method: 'POST', body: 'token' })).text, 'here');
  assert.deepEqual(slept, [1000, 2000]);
  assert.deepEqual(seen, ['POST', 'POST', 'POST']);
});

test('a longer pause, a fourth one, and one before a password are told on', async (t) => {
  const long = await pausingServer(t, [60]);
  await assert.rejects(long.send(), { kind: 'unreachable', retryAfterMs: 60_000 });
  const many = await pausingServer(t, [1, 1, 1, 1]);
  await assert.rejects(many.send(), { kind: 'unreachable', retryAfterMs: 1_000 });
  const password = await pausingServer(t, [1]);
  await assert.rejects(password.send({ once: true }), { kind: 'unreachable', retryAfterMs: 1_000 });
  assert.deepEqual([long.slept, many.slept.length, password.slept], [[], 3, []]);
});

for (const status of [502, 503, 504]) {
  test(`a gateway's fault (${status}) is asked past twice, a second apart`, async (t) => {
    const { send, seen, slept } = await refusingServer(t, [{ status }, { status }]);
    assert.equal((await send()).text, 'here');
    assert.deepEqual(
      [seen, slept],
      [
        ['GET', 'GET', 'GET'],
        [1000, 1000],
      ],
    );
  });

  test(`what may have been done, a password, and a third ${status} are told on`, async (t) => {
    const once = await refusingServer(t, [{ status }, { status }]);
    await assert.rejects(once.send({ method: 'POST', body: 'grant' }), { kind: 'unreachable' });
    await assert.rejects(once.send({ once: true }), { kind: 'unreachable' });
    assert.deepEqual([once.seen, once.slept], [['POST', 'GET'], []]);
    const thrice = await refusingServer(t, [{ status }, { status }, { status }]);
    await assert.rejects(thrice.send(), { kind: 'unreachable' });
    assert.equal(thrice.seen.length, 3);
  });
}
