/** A file is taken from its writers: what they wrote is known when that has been done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../../src/base/index.js';
import { NativeKernelPort } from '../../../src/fuse/native-kernel-port.js';
import { Notifier } from '../../../src/fuse/notifier.js';
import { OpenHandles } from '../../../src/fuse/open-handles.js';
import { NativeDouble } from '../../support/native-double.js';

const [HANDLE, NODE, DESCRIPTOR] = [7, 2, 9];

function opened() {
  const native = new NativeDouble(Buffer.alloc(64));
  const handles = new OpenHandles(native);
  const port = new NativeKernelPort(new Metrics());
  const order: string[] = [];
  port.connect(new Notifier(native, 45), handles, () => order.push('told'));
  handles.opened(HANDLE, NODE);
  const rebound = (descriptor: number | null) =>
    port.rebind(HANDLE, descriptor).then(() => void order.push('rebound'));
  return { native, handles, order, rebound };
}

test('the file system hears of writes that are over before a handle counts as rebound', async () => {
  const { order, rebound } = opened();
  await rebound(DESCRIPTOR);
  assert.deepEqual(order.splice(0), ['rebound'], 'nobody wrote through what was not bound');
  await rebound(null);
  assert.deepEqual(order, ['told', 'rebound']);
});

test('of writes under way it hears when they are over', async () => {
  const { native, handles, order, rebound } = opened();
  await rebound(DESCRIPTOR);
  order.length = 0;
  native.unbindToken = 5;
  const rebinding = rebound(null);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, []);
  native.drainedTokens = [5];
  handles.drained();
  await rebinding;
  assert.deepEqual(order, ['told', 'rebound']);
});
