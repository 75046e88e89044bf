import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../../../src/drive/index.js';
import { replayedBody } from '../../../../src/sharepoint/http/body.js';
import { LinkWatch } from '../../../../src/sharepoint/http/link-watch.js';
import { NetworkState } from '../../../../src/sharepoint/http/network-state.js';
import { NetworkWatch } from '../../../../src/sharepoint/http/network-watch.js';
import type { Transport } from '../../../../src/sharepoint/http/transport.js';
import { FakeClock } from '../../../support/fake-clock.js';

function watched() {
  const clock = new FakeClock();
  const network = new NetworkState(clock);
  const seen = { asked: 0, renewed: 0, isThere: true };
  const transport: Transport = {
    async send() {
      seen.asked += 1;
      if (!seen.isThere) throw new DriveError('unreachable', 'nothing there');
      return { status: 302, headers: {}, setCookies: [], body: replayedBody([]), afterDoubt: false };
    },
  };
  const renewConnections = () => {
    seen.renewed += 1;
  };
  const watch = new NetworkWatch({ network, transport, clock, renewConnections });
  watch.knows(new URL('https://h.test/'), () => 'genuine');
  return { clock, network, seen, watch };
}

test('after a sleep or a change of the network the server is looked for at once', async () => {
  const { network, seen, watch, clock } = watched();
  network.suspect();
  await nextTurn();
  assert.deepEqual([seen.asked, seen.renewed, network.status.state], [1, 1, 'online']);
  seen.isThere = false;
  network.suspect();
  await nextTurn();
  assert.equal(network.status.state, 'offline', 'nobody has to wait for dead connections to find out');
  seen.isThere = true;
  await clock.run(1_000);
  assert.equal(network.status.state, 'online');
  watch.stop();
});

test('offline by order, nothing is looked for', async () => {
  const { network, seen, watch } = watched();
  network.force(true);
  network.suspect();
  await nextTurn();
  assert.equal(seen.asked, 0);
  watch.stop();
});

test('a change of addresses or routes is told once', async () => {
  const clock = new FakeClock();
  let links = 'eth0 10.0.0.2';
  let changes = 0;
  const watch = new LinkWatch(
    clock,
    () => {
      changes += 1;
    },
    () => links,
  );
  await clock.run(10_000);
  assert.equal(changes, 0);
  links = 'eth0 10.0.0.2\ntun0 172.16.0.9';
  await clock.run(10_000);
  assert.equal(changes, 1);
  watch.stop();
  links = '';
  await clock.run(10_000);
  assert.equal(changes, 1);
});
