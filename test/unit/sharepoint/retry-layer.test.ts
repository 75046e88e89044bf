import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics, silentLog } from '../../../src/base/index.js';
import { DriveError } from '../../../src/drive/index.js';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import { redirectLayer } from '../../../src/sharepoint/http/redirect-layer.js';
import { DEFAULT_RETRY, retryLayer } from '../../../src/sharepoint/http/retry-layer.js';
import type { HttpRequest, HttpResponse, Transport } from '../../../src/sharepoint/http/transport.js';
import { WireFailure } from '../../../src/sharepoint/http/wire-failure.js';
import { FakeClock } from '../../support/fake-clock.js';

const SIGNAL = new AbortController().signal;
const REQUEST: HttpRequest = {
  method: 'GET',
  url: new URL('https://h/a'),
  headers: {},
  body: null,
  lane: 'bulk',
  repeat: 'always',
  silenceMs: 10_000,
  patienceMs: 100_000,
};

type Step = number | Error | { status: number; location: string };

const broken = (code: string, maybeSent: boolean) =>
  new DriveError('unreachable', code, { cause: new WireFailure(code, maybeSent) });
const RESET = broken('ECONNRESET', true);
const REFUSED = broken('ECONNREFUSED', false);

/** Answers the steps in order, the last one for ever. */
function scripted(...steps: Step[]): Transport & { readonly sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  return {
    sent,
    async send(request) {
      const step = steps[Math.min(sent.length, steps.length - 1)]!;
      sent.push(request);
      if (step instanceof Error) throw step;
      return typeof step === 'number' ? answer(step) : answer(step.status, { location: step.location });
    },
  };
}

function answer(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, setCookies: [], body: replayedBody([]), afterDoubt: false };
}

async function run(inner: Transport, changes: Partial<HttpRequest> = {}) {
  const clock = new FakeClock();
  const layer = retryLayer({
    ...DEFAULT_RETRY,
    clock,
    log: silentLog,
    metrics: new Metrics(),
    random: () => 1,
  });
  const result = layer(inner).send({ ...REQUEST, ...changes }, SIGNAL);
  result.catch(() => {});
  await clock.run(500_000);
  return result;
}

test('what passes is asked again, and the answer tells of the doubt', async () => {
  for (const steps of [
    [502, 200],
    [504, 503, 200],
    [RESET, 200],
  ] as Step[][]) {
    const inner = scripted(...steps);
    const response = await run(inner);
    assert.equal(response.status, 200);
    assert.equal(response.afterDoubt, true);
    assert.equal(inner.sent.length, steps.length);
  }
  assert.equal((await run(scripted(503, 429, 200))).afterDoubt, false);
});

test('answers are answers', async () => {
  for (const status of [200, 304, 400, 401, 403, 404, 409, 412, 413, 507]) {
    const inner = scripted(status, 200);
    assert.equal((await run(inner)).status, status);
    assert.equal(inner.sent.length, 1);
  }
});

test('what may have been done is not done again unasked', async () => {
  const reset = scripted(RESET, 200);
  await assert.rejects(run(reset, { repeat: 'unsent' }), RESET);
  assert.equal(reset.sent.length, 1);
  const gateway = scripted(504, 200);
  assert.equal((await run(gateway, { repeat: 'unsent' })).status, 504);
  const throttled = scripted(429, 503, 200);
  assert.equal((await run(throttled, { repeat: 'unsent' })).status, 200);
});

test('no network: once more, then it is said', async () => {
  const inner = scripted(REFUSED);
  await assert.rejects(run(inner), REFUSED);
  assert.equal(inner.sent.length, 2);
});

test('after two silences nobody waits for a third', async () => {
  const silent = scripted(broken('ETIMEDOUT', true));
  await assert.rejects(run(silent), { kind: 'unreachable' });
  assert.equal(silent.sent.length, 2);
});

test('it ends, and within the patience of the request', async () => {
  const stubborn = scripted(502);
  assert.equal((await run(stubborn)).status, 502);
  assert.equal(stubborn.sent.length, 1 + DEFAULT_RETRY.attempts);
  const hasty = scripted(502);
  await run(hasty, { patienceMs: 1_000 });
  assert.equal(hasty.sent.length, 3);
});

test('locks in passing are waited for by who has time', async () => {
  assert.equal((await run(scripted(423, 200))).status, 200);
  assert.equal((await run(scripted(423, 200), { lane: 'interactive' })).status, 423);
});

test('redirects: reads only, on the same origin, never a downgrade', async () => {
  const follow = async (method: string, location: string, status = 302) => {
    const inner = scripted({ status, location }, 200);
    const response = await redirectLayer(inner).send({ ...REQUEST, method }, SIGNAL);
    return [response.status, inner.sent.at(-1)!.method, inner.sent.at(-1)!.url.href];
  };
  assert.deepEqual(await follow('PROPFIND', '/b'), [200, 'PROPFIND', 'https://h/b']);
  assert.deepEqual(await follow('PUT', '/b', 307), [200, 'PUT', 'https://h/b']);
  assert.deepEqual(await follow('MOVE', 'https://h/a/', 301), [200, 'MOVE', 'https://h/a/']);
  assert.equal((await follow('PUT', '/b'))[0], 302);
  assert.equal((await follow('GET', 'http://h/b'))[0], 302);
  assert.equal((await follow('GET', 'https://elsewhere/b'))[0], 302);
  const circle = scripted({ status: 302, location: '/a' });
  assert.equal((await redirectLayer(circle).send(REQUEST, SIGNAL)).status, 302);
  assert.equal(circle.sent.length, 4);
});
