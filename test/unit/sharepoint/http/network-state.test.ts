import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkState } from '../../../../src/sharepoint/http/network-state.js';
import { FakeClock } from '../../../support/fake-clock.js';

test('connections that are cut together are one failure, not the end of the network', () => {
  const clock = new FakeClock();
  const network = new NetworkState(clock);
  for (let cut = 0; cut < 16; cut += 1) network.failed(true);
  assert.equal(network.status.state, 'online');
});

test('connections that break again and again are', () => {
  const clock = new FakeClock();
  const network = new NetworkState(clock);
  for (let cut = 0; cut < 6; cut += 1) {
    assert.equal(network.status.state, 'online');
    network.failed(true);
    clock.advance(300);
  }
  assert.equal(network.status.state, 'offline');
  network.answered();
  assert.equal(network.status.state, 'online');
});

test('two connections that cannot be made are, at once', () => {
  const network = new NetworkState(new FakeClock());
  network.failed(false);
  network.failed(false);
  assert.equal(network.status.state, 'offline');
});
