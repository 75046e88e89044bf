/** A server that says nothing at all: a VPN that left, a firewall that drops what it does not know. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../src/base/index.js';
import { replayedBody } from '../../../../src/sharepoint/http/body.js';
import { governedLayer } from '../../../../src/sharepoint/http/governed-layer.js';
import { DEFAULT_GOVERNOR, Governor } from '../../../../src/sharepoint/http/governor.js';
import { type HttpRequest, type HttpResponse, layered } from '../../../../src/sharepoint/http/transport.js';
import { FakeClock } from '../../../support/fake-clock.js';

const REQUEST: HttpRequest = {
  method: 'GET',
  url: new URL('https://contoso.sharepoint.com/a'),
  headers: {},
  body: null,
  lane: 'interactive',
  repeat: 'always',
  silenceMs: 30_000,
  patienceMs: 90_000,
};

function line(answerMs: number) {
  const clock = new FakeClock();
  const governor = new Governor({ ...DEFAULT_GOVERNOR, clock, log: silentLog });
  let looks = 0;
  governor.network.onSuspicion = () => {
    looks += 1;
  };
  const send = async (_request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> => {
    await clock.sleep(answerMs, signal);
    return { status: 200, headers: {}, setCookies: [], body: replayedBody([]), afterDoubt: false };
  };
  const transport = layered({ send }, governedLayer(governor, clock));
  const abort = new AbortController();
  const ask = (request: Partial<HttpRequest> = {}) =>
    void transport.send({ ...REQUEST, ...request }, abort.signal).catch(() => {});
  return { clock, governor, ask, looks: () => looks, stop: () => abort.abort() };
}

test('who waits for an answer for long has the server looked for, once for all who wait', async () => {
  const { clock, ask, looks, stop } = line(60_000);
  for (let at = 0; at < 5; at += 1) ask();
  await clock.run(3_000);
  assert.equal(looks(), 0);
  await clock.run(2_000);
  assert.equal(looks(), 1);
  ask();
  await clock.run(5_000);
  assert.equal(looks(), 1, 'it was looked for a moment ago');
  stop();
});

test('an answer in time is no reason to look, and neither is a long body on its way', async () => {
  const { clock, ask, looks, stop } = line(2_000);
  ask();
  await clock.run(10_000);
  assert.equal(looks(), 0);
  stop();
  const slow = line(60_000);
  slow.ask({ method: 'PUT', body: { size: 1_000_000, async *open() {} } });
  await slow.clock.run(20_000);
  assert.equal(slow.looks(), 0);
  slow.stop();
});

test('offline is looked at by its own probes only', async () => {
  const { clock, governor, ask, looks, stop } = line(60_000);
  ask();
  await clock.run(1_000);
  governor.network.lost();
  await clock.run(20_000);
  assert.equal(looks(), 0);
  stop();
});
