/** Many at once: slow opens, bursts of readers, interrupted and killed clients, deadlines; nothing may grow or hang. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BridgeMount } from '../support/bridge-mount.js';
import { runPython } from '../support/run-python.js';

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 6000; attempt++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('it never happened');
}

/** 0: it is not there yet. */
function sizeOf(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

const IN_PARALLEL = `
def in_parallel(count, work):
    failures = []
    def guarded(index):
        try: work(index)
        except Exception as error: failures.append(repr(error))
    threads = [threading.Thread(target=guarded, args=(index,)) for index in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return failures
`;

test('64 slow opens wait together, not one after the other', async (context) => {
  const mount = await BridgeMount.start(context, { memory: { openDelayMs: 1000 } });
  for (let index = 0; index < 64; index++) fs.mkdirSync(join(mount.path, `d${index}`));
  const answer = await runPython(
    mount.path,
    `${IN_PARALLEL}
import time
for index in range(64): os.mknod(f'd{index}/f', 0o100644)
started = time.monotonic()
def work(index): open(f'd{index}/f').read()
print(json.dumps([in_parallel(64, work), time.monotonic() - started < 30]))`,
  );
  assert.deepEqual(answer, [[], true]);
  const { handles, pending } = await mount.statistics();
  assert.deepEqual({ handles, pending }, { handles: 0, pending: 0 });
});

test('150 bursts of 64 readers: no descriptor, handle or memory grows', async (context) => {
  const mount = await BridgeMount.start(context, { memory: { attributesValidMs: 0 } });
  const bursts = (count: number) =>
    runPython(
      mount.path,
      `${IN_PARALLEL}
open('a', 'wb').write(b'x' * 1000000)
def work(index):
    fd = os.open('a', os.O_RDONLY)
    for offset in range(0, 1000000, 250000):
        if len(os.pread(fd, 4096, offset)) != 4096: raise Exception('short')
    os.stat('a')
    os.close(fd)
failures = []
for _ in range(${count}): failures += in_parallel(64, work)
print(json.dumps(failures))`,
    );
  assert.deepEqual(await bursts(30), []);
  const before = await mount.statistics();
  assert.deepEqual(await bursts(120), []);
  const after = await mount.statistics();
  assert.deepEqual(
    { handles: after.handles, open: after.openHandles, descriptors: after.descriptors - before.descriptors },
    { handles: 0, open: 0, descriptors: 0 },
  );
  assert.ok(after.rssBytes - before.rssBytes < 40e6, `grew by ${after.rssBytes - before.rssBytes} bytes`);
});

test('an interrupted client goes on at once, a killed one is gone, and nothing waits', async (context) => {
  const mount = await BridgeMount.start(context, { memory: { openDelayMs: 60_000 } });
  fs.mkdirSync(join(mount.path, 'd'));
  const answer = await runPython(
    mount.path,
    `
os.mknod('a', 0o100644)
class Alarm(Exception): pass
def ring(*_): raise Alarm()
signal.signal(signal.SIGALRM, ring)
main = threading.get_native_id()
def ring_once_it_waits():
    while 'request_wait_answer' not in open(f'/proc/self/task/{main}/wchan').read(): pass
    os.kill(os.getpid(), signal.SIGALRM)
threading.Thread(target=ring_once_it_waits).start()
try: os.open('a', os.O_RDONLY); print(json.dumps('opened'))
except Alarm: print(json.dumps('interrupted'))`,
  );
  assert.equal(answer, 'interrupted');
  const client = spawn('cat', [join(mount.path, 'a')], { stdio: 'ignore' });
  await until(async () => (await mount.statistics()).pending === 1);
  client.kill('SIGKILL');
  await once(client, 'close');
  const { pending, handles, bugs, interrupted } = await mount.statistics();
  assert.deepEqual({ pending, handles, bugs }, { pending: 0, handles: 0, bugs: 0 });
  assert.ok(interrupted >= 2);
});

test('clients killed in the middle of reading and writing: nothing waits, and what was written is there', async (context) => {
  const mount = await BridgeMount.start(context);
  const path = join(mount.path, 'a');
  for (let round = 0; round < 12; round++) {
    const words =
      round % 2 === 0 ? ['if=/dev/zero', `of=${path}`] : [`if=${path}`, 'of=/dev/null', 'iflag=direct'];
    const before = (await mount.statistics()).requests;
    const client = spawn('dd', [...words, 'bs=1M', 'count=2000', 'status=none'], { stdio: 'ignore' });
    const gone = once(client, 'close');
    await until(
      async () =>
        (await mount.statistics()).requests > before && (client.exitCode !== null || sizeOf(path) > 4 << 20),
    );
    client.kill('SIGKILL');
    await gone;
  }
  assert.ok(fs.readFileSync(path).every((byte) => byte === 0));
  await until(async () => (await mount.statistics()).handles === 0);
  const { pending, bugs } = await mount.statistics();
  assert.deepEqual({ pending, bugs }, { pending: 0, bugs: 0 });
});

test('what takes too long is called off', async (context) => {
  const mount = await BridgeMount.start(context, {
    memory: { statfsDelayMs: 60_000 },
    session: { deadlineMs: 300 },
  });
  const answer = await runPython(mount.path, "print(json.dumps(attempt(lambda: os.statvfs('.'))))");
  assert.equal(answer, 'ETIMEDOUT');
});

test('every look-up is forgotten', async (context) => {
  const mount = await BridgeMount.start(context);
  await runPython(
    mount.path,
    `
for index in range(3000): open(f'f{index}', 'w').close()
for _ in range(3):
    with os.scandir('.') as entries: sizes = [entry.stat().st_size for entry in entries]
for index in range(0, 3000, 2): os.unlink(f'f{index}')
print(json.dumps(len(sizes)))`,
  );
  fs.writeFileSync('/proc/sys/vm/drop_caches', '2');
  await until(async () => (await mount.statistics()).lookups <= 2);
  assert.equal((await mount.statistics()).nodes, 1501);
});

test('a crowd of writers and a full pool of slots: every byte arrives', async (context) => {
  const mount = await BridgeMount.start(context, { memory: { data: 'descriptor' } });
  const answer = await runPython(
    mount.path,
    `${IN_PARALLEL}
def work(index):
    block = bytes([index]) * 1048576
    fd = os.open(f'f{index}', os.O_RDWR | os.O_CREAT)
    for _ in range(8): os.write(fd, block)
    if os.fstat(fd).st_size != 8 * 1048576: raise Exception('size')
    os.lseek(fd, 0, 0)
    for _ in range(8):
        if os.read(fd, 1048576) != block: raise Exception('content')
    os.close(fd); os.unlink(f'f{index}')
print(json.dumps(in_parallel(40, work)))`,
  );
  assert.deepEqual(answer, []);
});

test('one file open for many, passed through to the kernel: none is refused', async (context) => {
  const mount = await BridgeMount.start(context, {
    memory: { data: 'passthrough' },
    session: { passthrough: true },
  });
  fs.writeFileSync(join(mount.path, 'a'), 'x'.repeat(100_000));
  const before = (await mount.statistics()).requests;
  const answer = await runPython(
    mount.path,
    `${IN_PARALLEL}
def work(index):
    for round in range(20):
        fd = os.open('a', os.O_RDWR)
        if len(os.pread(fd, 100000, 0)) != 100000: raise Exception('short')
        os.pwrite(fd, b'y', index)
        os.close(fd)
print(json.dumps(in_parallel(16, work)))`,
  );
  assert.deepEqual(answer, []);
  assert.equal(fs.readFileSync(join(mount.path, 'a'), 'utf8').slice(0, 17), `${'y'.repeat(16)}x`);
  assert.ok((await mount.statistics()).requests > before);
});
