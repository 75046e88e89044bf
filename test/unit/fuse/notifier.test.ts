/** Notifications: coalesced, bounded, a window at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notifier } from '../../../src/fuse/notifier.js';
import { NativeDouble } from '../../support/native-double.js';

const WINDOW = 64;

function notifier(minor = 44) {
  const native = new NativeDouble(Buffer.alloc(64));
  return { native, notifier: new Notifier(native, minor) };
}

const code = (message: Uint8Array) => Buffer.from(message).readInt32LE(4);
const node = (message: Uint8Array) => Number(Buffer.from(message).readBigUInt64LE(16));
const range = (message: Uint8Array) => [24, 32].map((at) => Number(Buffer.from(message).readBigInt64LE(at)));

test('each kind as the kernel reads it', () => {
  const { native, notifier: sender } = notifier();
  sender.node(5, 'all');
  sender.node(6, null);
  sender.node(7, { offset: 100, length: 50 });
  sender.entry(1, 'ä', null);
  sender.entry(1, 'b', 9);
  assert.deepEqual(native.notifications.map(code), [2, 2, 2, 3, 6]);
  assert.deepEqual(native.notifications.slice(0, 3).map(range), [
    [0, 0],
    [-1, 0],
    [100, 50],
  ]);
  const [, , , entry, deletion] = native.notifications.map((message) => Buffer.from(message));
  assert.equal(entry!.readUInt32LE(24), 2);
  assert.equal(entry!.toString('utf8', 32, 34), 'ä');
  assert.equal(entry!.length, entry!.readUInt32LE(0));
  assert.equal(deletion!.readBigUInt64LE(24), 9n);
  assert.equal(deletion!.toString('utf8', 40), 'b\0');
});

test('what is stored goes behind what is forgotten, and not at all once that is said again', () => {
  const { native, notifier: sender } = notifier();
  sender.store(3, 4096, Buffer.from('data'));
  const [stored] = native.notifications.map((message) => Buffer.from(message));
  assert.deepEqual([code(stored!), node(stored!), stored!.length, stored!.readUInt32LE(32)], [4, 3, 44, 4]);
  assert.equal(stored!.toString('utf8', 40), 'data');
  for (let index = 1; index < WINDOW; index++) sender.node(1000 + index, null);
  sender.node(5, 'all');
  sender.store(5, 0, Buffer.from('early'));
  sender.store(5, 0, Buffer.from('late'));
  sender.store(6, 0, Buffer.from('false by now'));
  sender.node(6, 'all');
  for (let index = 0; index < 2 * WINDOW; index++) sender.store(2000 + index, 0, Buffer.from('x'));
  native.sent(WINDOW);
  sender.progressed();
  const rest = native.notifications.slice(WINDOW).map((message) => [code(message), node(message)]);
  assert.deepEqual(rest.slice(0, 4), [
    [2, 5],
    [4, 5],
    [2, 6],
    [4, 2000],
  ]);
  assert.ok(sender.dropped > 0);
});

test('what waits is joined; what was sent is not waited for twice', () => {
  const { native, notifier: sender } = notifier();
  for (let index = 0; index < WINDOW; index++) sender.node(1000 + index, null);
  sender.node(5, null);
  sender.node(5, { offset: 10, length: 10 });
  sender.node(5, { offset: 100, length: 1 });
  sender.entry(1, 'a', null);
  sender.entry(1, 'a', 7);
  assert.equal(native.notifications.length, WINDOW);
  native.sent(WINDOW);
  sender.progressed();
  const rest = native.notifications.slice(WINDOW);
  assert.deepEqual(rest.map(code), [2, 6]);
  assert.deepEqual(range(rest[0]!), [10, 91]);
  native.sent(2);
  sender.progressed();
  assert.deepEqual([sender.waiting, sender.sent, sender.dropped], [0, WINDOW + 2, 0]);
});

test('too many names: all are forgotten at once, and nodes are not lost', () => {
  const { native, notifier: sender } = notifier();
  for (let index = 0; index < 70_000; index++) sender.entry(1, `${index}`, null);
  sender.node(5, 'all');
  assert.ok(sender.waiting <= 65_536 + WINDOW);
  while (sender.waiting > 0) {
    native.sent(WINDOW);
    sender.progressed();
    if (native.notifications.length > 200_000) assert.fail('it never ends');
    if (sender.waiting <= WINDOW) break;
  }
  const codes = new Set(native.notifications.map(code));
  assert.ok(codes.has(8));
  assert.ok(native.notifications.some((message) => code(message) === 2 && node(message) === 5));
});

test('too many on an older kernel: bounded all the same', () => {
  const { notifier: sender } = notifier(38);
  for (let index = 0; index < 200_000; index++) sender.entry(1, `${index}`, null);
  assert.ok(sender.waiting <= 65_536 + WINDOW);
  assert.ok(sender.dropped > 0);
});
