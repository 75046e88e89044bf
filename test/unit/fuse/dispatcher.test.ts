/** Every request gets one reply: at once, late, called off, abandoned, or undone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, Metrics, silentLog } from '../../../src/base/index.js';
import {
  type FileSystemPort,
  FsError,
  type Reply,
  type Request,
  type RequestContext,
} from '../../../src/fs/index.js';
import { Dispatcher, MOST_PENDING } from '../../../src/fuse/dispatcher.js';
import { OpenHandles } from '../../../src/fuse/open-handles.js';
import { Replier } from '../../../src/fuse/replier.js';
import { ERRNO_NUMBER, Message, ReplyArena } from '../../../src/fuse/wire/index.js';
import { bytes, type Field, rawMessage, text, u32, u64 } from '../../support/fuse-messages.js';
import { NativeDouble } from '../../support/native-double.js';

const time = { seconds: 1, nanoseconds: 0 };
const attributes = {
  ...{ ino: 9, size: 0, blocks: 0, mode: 0o100644, nlink: 1, uid: 0, gid: 0, blockSize: 4096 },
  ...{ accessed: time, modified: time, changed: time, born: time },
};
const entry = { node: 9, attributes, entryValidMs: 0, attributesValidMs: 0 };
const open = {
  handle: 3,
  keepCache: false,
  directIo: false,
  skipsFlush: false,
  backing: { kind: 'served' },
} as const;

class World implements FileSystemPort {
  readonly keptAttributes = { prefix: 'user.', othersAre: 'ENODATA' } as const;
  readonly seen: Request[] = [];
  readonly forgotten: (readonly [number, number])[] = [];
  readonly contexts: RequestContext[] = [];
  readonly metrics = new Metrics();
  readonly native: NativeDouble;
  readonly dispatcher: Dispatcher;
  readonly handles: OpenHandles;
  answer: (request: Request, context: RequestContext) => Reply | Promise<Reply> = () => undefined;
  nowMs = 0;
  #due: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly #memory = new Uint8Array(8192);
  readonly #message = new Message(this.#memory);
  #unique = 0;

  constructor() {
    const arena = new ReplyArena(8192);
    this.native = new NativeDouble(arena.bytes);
    this.handles = new OpenHandles(this.native);
    const shared = { native: this.native, handles: this.handles, fileSystem: this };
    const replier = new Replier({ ...shared, arena, passthrough: false });
    const rest = { deadlineMs: 5000, clock: this.#clock, log: silentLog, metrics: this.metrics };
    this.dispatcher = new Dispatcher({ ...shared, ...rest, replier, message: this.#message });
  }

  handle(request: Request, context: RequestContext): Reply | Promise<Reply> {
    this.seen.push(request);
    this.contexts.push(context);
    return this.answer(request, context);
  }
  forget(node: number, count: number): void {
    this.forgotten.push([node, count]);
  }
  wrote(): void {}
  destroy(): void {}

  /** The number of the request. */
  send(opcode: number, ...fields: readonly Field[]): number {
    this.#unique += 2;
    const raw = rawMessage({ opcode, unique: this.#unique }, fields);
    this.#memory.set(raw);
    this.#message.moveTo(0, this.#memory.length);
    this.dispatcher.dispatch(0);
    return this.#unique;
  }

  /** Moves the clock in steps of a second. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000;
      const due = this.#due.filter(({ atMs }) => atMs <= this.nowMs);
      this.#due = this.#due.filter(({ atMs }) => atMs > this.nowMs);
      for (const { run } of due) run();
      await settle();
    }
  }

  readonly #clock: Clock = {
    now: () => this.nowMs,
    monotonic: () => this.nowMs,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    after: (delayMs, run) => {
      const timer = { atMs: this.nowMs + delayMs, run };
      this.#due.push(timer);
      return () => {
        this.#due = this.#due.filter((other) => other !== timer);
      };
    },
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const untilCalledOff = (_: Request, { signal }: RequestContext) =>
  new Promise<Reply>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('an answer that is there is sent at once; an error too, thrown or given', () => {
  const world = new World();
  world.answer = () => entry;
  const first = world.send(1, text('a'));
  world.answer = () => new FsError('ENOENT');
  world.send(1, text('a'));
  world.answer = () => {
    throw new FsError('EROFS');
  };
  world.send(10, text('a'));
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [0, -2, -30],
  );
  assert.equal(world.native.replies[0]!.unique, first);
  assert.equal(world.metrics.get('bugs'), 0);
});

test('a bug is EIO, and counted', async () => {
  const world = new World();
  world.answer = () => {
    throw new TypeError('oops');
  };
  world.send(17);
  world.answer = () => Promise.reject(new TypeError('oops'));
  world.send(17);
  await settle();
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [-5, -5],
  );
  assert.equal(world.metrics.get('bugs'), 2);
});

test('an answer of the wrong kind is a bug too, and the client is told', () => {
  const world = new World();
  world.send(17);
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [-5],
  );
  assert.equal(world.metrics.get('bugs'), 1);
});

test('the signal of a request that nobody touches is never made, and an interrupt ends the others', async () => {
  const world = new World();
  world.answer = untilCalledOff;
  const unique = world.send(14, u32(0), u32(0));
  world.send(36, u64(unique));
  world.send(36, u64(unique));
  world.send(36, u64(99_999));
  await settle();
  assert.deepEqual(world.native.replies, [{ error: -4, unique, payload: 0 }]);
  assert.equal(world.dispatcher.interruptedCount, 1);
  assert.equal(world.dispatcher.pendingCount, 0);
});

test('at the deadline it is called off; who ignores that is answered for, and undone when it comes after all', async () => {
  const world = new World();
  world.answer = untilCalledOff;
  world.send(14, u32(0), u32(0));
  let finish: (reply: Reply) => void = () => undefined;
  world.answer = () => new Promise((resolve) => (finish = resolve));
  world.send(35, u32(2), u32(0o100644), u32(0), u32(0), text('late'));
  await world.pass(5 * 360 + 1);
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [-110],
  );
  await world.pass(6);
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [-110, -110],
  );
  assert.equal(world.dispatcher.abandonedCount, 1);
  world.answer = () => undefined;
  finish({ entry, open });
  await settle();
  assert.equal(world.native.replies.length, 2);
  assert.deepEqual(world.forgotten, [[9, 1]]);
  assert.equal(world.seen.at(-1)?.operation, 'release');
});

test('what the kernel does not take is undone', () => {
  const world = new World();
  world.native.replyResult = -2;
  world.answer = (request) => (request.operation === 'create' ? { entry, open } : undefined);
  world.send(35, u32(2), u32(0o100644), u32(0), u32(0), text('n'));
  assert.deepEqual(world.forgotten, [[9, 1]]);
  assert.deepEqual(
    world.seen.map(({ operation }) => operation),
    ['create', 'release'],
  );
  assert.equal(world.handles.count, 0);
});

test('forgotten look-ups, one by one and in a crowd', () => {
  const world = new World();
  world.send(2, u64(3));
  world.send(42, u32(2), u32(0), u64(11), u64(1), u64(12), u64(5));
  assert.deepEqual(world.forgotten, [
    [7, 3],
    [11, 1],
    [12, 5],
  ]);
  assert.equal(world.native.replies.length, 0);
});

test('malformed messages are refused, and nothing stops', () => {
  const world = new World();
  world.send(1, bytes(Buffer.from('no end')));
  world.send(42, u32(1000), u32(0), u64(1), u64(1));
  world.send(3);
  assert.deepEqual(
    world.native.replies.map(({ error }) => error),
    [-5, -5],
  );
  assert.equal(world.metrics.get('bugs'), 3);
  world.send(25, u64(3), u32(0), u32(0), u64(0));
  assert.equal(world.native.replies.at(-1)?.error, 0);
});

test('the bytes of a write stay until it was answered', async () => {
  const world = new World();
  let finish: (reply: Reply) => void = () => undefined;
  world.answer = () => new Promise((resolve) => (finish = resolve));
  world.send(16, u64(3), u64(0), u32(3), u32(0), u64(0), u32(0), u32(0), bytes(Buffer.from('abc')));
  assert.deepEqual([world.native.held, world.native.freed], [[0], []]);
  finish(3);
  await settle();
  assert.deepEqual(world.native.freed, [0]);
});

test('set-uid bits go before native bytes are written, once more after attributes were set', async () => {
  const world = new World();
  world.handles.opened(3, 7);
  world.handles.bind(3, { kind: 'descriptor', descriptor: 5 });
  world.answer = () => ({ attributes, validMs: 0 });
  world.send(16, u64(3), u64(0), u32(3), u32(4), u64(0), u32(0), u32(0), bytes(Buffer.from('abc')));
  await settle();
  assert.deepEqual(
    world.seen.map(({ operation }) => operation),
    ['setattr'],
  );
  assert.deepEqual([world.native.submitted, world.native.replies, world.native.freed], [[0], [], []]);
});

test('a release waits until no native request uses the descriptor', async () => {
  const world = new World();
  world.handles.opened(3, 7);
  world.handles.bind(3, { kind: 'descriptor', descriptor: 5 });
  world.native.unbindToken = 8;
  world.send(18, u64(3), u32(0), u32(0), u64(0));
  await settle();
  assert.equal(world.seen.length, 0);
  world.native.drainedTokens = [8];
  world.handles.drained();
  await settle();
  assert.deepEqual(
    world.seen.map(({ operation }) => operation),
    ['release'],
  );
});

test('too many under way: reading stops, and goes on when half are done', async () => {
  const world = new World();
  const finish: ((reply: Reply) => void)[] = [];
  world.answer = () => new Promise((resolve) => finish.push(resolve));
  for (let index = 0; index < MOST_PENDING; index++) world.send(17);
  assert.equal(world.native.isPaused, true);
  for (const done of finish.slice(0, MOST_PENDING / 2 + 1)) done(new FsError('EIO'));
  await settle();
  assert.equal(world.native.isPaused, false);
});

test('at the end all are called off and refused, and what they still answer goes nowhere', async () => {
  const world = new World();
  world.answer = untilCalledOff;
  const unique = world.send(14, u32(0), u32(0));
  const { signal } = world.contexts[0]!;
  await world.dispatcher.stop();
  assert.equal((signal.reason as FsError).errno, 'ENOTCONN');
  assert.deepEqual(world.native.replies, [{ error: -ERRNO_NUMBER.ENOTCONN, unique, payload: 0 }]);
});

test('what comes after the end is refused and never asked of the file system', async () => {
  const world = new World();
  await world.dispatcher.stop();
  const unique = world.send(14, u32(0), u32(0));
  assert.equal(world.contexts.length, 0);
  assert.deepEqual(world.native.replies, [{ error: -ERRNO_NUMBER.ENOTCONN, unique, payload: 0 }]);
});
