import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, type StandinClient } from '../../support/standin-client.js';

const head = (client: StandinClient, headers: Record<string, string> = {}) =>
  client.dav('HEAD', '/', { headers });

test('T4.1 after K requests 429 with Retry-After; refused requests count, and the window ends by the clock', async (t) => {
  const client = await clientFor(t, {
    switches: { throttleAfter: 10, throttleWindowSeconds: 60, throttleRetryAfterSeconds: 5 },
  });
  client.standin.control.clock.freeze();
  const seen: Array<string | undefined> = [];
  for (let count = 1; count <= 10; count++) {
    const got = await head(client);
    assert.equal(got.status, 200);
    seen.push(got.headers['ratelimit-remaining'] as string | undefined);
  }
  assert.deepEqual(seen, [...Array(7).fill(undefined), '2', '1', '0']);
  const refused = await head(client);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['retry-after'], '60');
  client.standin.control.clock.advance(59_000);
  assert.equal((await head(client)).headers['retry-after'], '5');
  client.standin.control.clock.advance(1_000);
  assert.equal((await head(client)).status, 200);
});

test('T4.1 switches: 503, a date or nothing for Retry-After, storms', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.throttleStorm(1, 7);
  assert.equal((await head(client)).headers['retry-after'], '7');
  control.set({ throttleNext: 1, throttleStatus: 503, retryAfterForm: 'date' });
  const busy = await head(client);
  assert.equal(`${busy.status} ${busy.reason}`, '503 SERVER TOO BUSY');
  assert.ok(Date.parse(String(busy.headers['retry-after'])) > control.clock.now());
  control.set({ unavailableNext: 1, retryAfterForm: 'missing' });
  const bare = await head(client);
  assert.equal(bare.status, 503);
  assert.equal(bare.headers['retry-after'], undefined);
  assert.equal((await head(client)).status, 200);
});

test('T4.2 undecorated clients are throttled earlier; health and agents are told', async (t) => {
  const client = await clientFor(t, { switches: { throttleAfter: 4, healthScore: 7 } });
  const plain = { 'User-Agent': 'curl/8' };
  assert.equal((await head(client, plain)).headers['x-sharepointhealthscore'], '7');
  assert.equal((await head(client, plain)).status, 200);
  assert.equal((await head(client, plain)).status, 429);
  for (let count = 0; count < 4; count++) assert.equal((await head(client)).status, 200);
  assert.equal((await head(client)).status, 429);
  assert.equal(client.standin.control.counts().byUserAgent['curl/8'], 3);
});

test('T4.3 guessing personal sites: 404, then 429 for all of them', async (t) => {
  const client = await clientFor(t, { switches: { probeLimit: 3 } });
  for (let count = 0; count < 4; count++) {
    assert.equal((await client.send('GET', `/personal/nobody${count}_contoso_com/Documents`)).status, 404);
  }
  assert.equal((await head(client)).status, 429);
  client.standin.control.calm();
  assert.equal((await head(client)).status, 200);
});
