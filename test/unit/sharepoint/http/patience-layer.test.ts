/** "attributes and listings that are not known: 10 s", waiting in a line that moves aside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../src/base/index.js';
import { governedLayer } from '../../../../src/sharepoint/http/governed-layer.js';
import { DEFAULT_GOVERNOR, Governor } from '../../../../src/sharepoint/http/governor.js';
import { patienceLayer } from '../../../../src/sharepoint/http/patience-layer.js';
import { type HttpRequest, type HttpResponse, layered } from '../../../../src/sharepoint/http/transport.js';
import { FakeClock } from '../../../support/fake-clock.js';

const NEVER = new AbortController().signal;
const REQUEST: HttpRequest = {
  method: 'PROPFIND',
  url: new URL('https://contoso.sharepoint.com/'),
  headers: {},
  body: null,
  lane: 'interactive',
  repeat: 'always',
  silenceMs: 10_000,
  patienceMs: 10_000,
};

/** A server that takes one request at a time, each for so long; its answers have no body. */
function server(answerMs: number) {
  const clock = new FakeClock();
  const governor = new Governor({
    ...DEFAULT_GOVERNOR,
    parallel: 1,
    besidesForInteractive: 0,
    clock,
    log: silentLog,
  });
  const answer = async (_request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> => {
    await clock.sleep(answerMs, signal);
    return { status: 207, headers: {}, setCookies: [], body: NOTHING, afterDoubt: false };
  };
  const transport = layered({ send: answer }, patienceLayer(clock), governedLayer(governor, clock));
  const ends: string[] = [];
  const ask = async () => {
    const at = () => Math.round(clock.monotonic() / 1000);
    await transport.send(REQUEST, NEVER).then(
      async ({ body }) => {
        for await (const _ of body);
        ends.push(`answered ${at()}`);
      },
      (error: { kind: string }) => ends.push(`${error.kind} ${at()}`),
    );
  };
  return { clock, governor, ask, ends };
}

const NOTHING = {
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {},
  cancel() {},
};

test('who waits in a line that moves gets the answer, however many were before', async () => {
  const { clock, governor, ask, ends } = server(2_000);
  for (let number = 0; number < 12; number += 1) void ask();
  await clock.run(9_000);
  assert.equal(governor.crowd.isMoving, true);
  await clock.run(30_000);
  assert.deepEqual(
    ends,
    Array.from({ length: 12 }, (_, number) => `answered ${2 * (number + 1)}`),
  );
  assert.equal(governor.crowd.isMoving, false);
});

test('a line that does not move is silence', async () => {
  const { clock, governor, ask, ends } = server(60_000);
  for (let number = 0; number < 3; number += 1) void ask();
  await clock.run(10_000);
  assert.equal(governor.crowd.isMoving, false);
  assert.deepEqual(ends, ['unreachable 10', 'unreachable 10', 'unreachable 10']);
});

test('a pause that outlasts the patience that is left is not waited for, and not taken for silence', async () => {
  const { clock, governor, ask, ends } = server(0);
  governor.throttled(6_000);
  void ask();
  await clock.run(5_000);
  assert.deepEqual(ends, []);
  governor.throttled(8_000);
  await clock.run(0);
  assert.deepEqual(ends, ['throttled 5']);
});

test('silence after the turn came counts from there, and a line has a bound', async () => {
  const { clock, ask, ends } = server(9_000);
  for (let number = 0; number < 9; number += 1) void ask();
  await clock.run(120_000);
  const last = ends.at(-1)!;
  assert.match(last, /^unreachable /);
  assert.ok(Number(last.split(' ')[1]) <= 61, last);
  assert.equal(ends.filter((end) => end.startsWith('answered')).length, 6);
});
