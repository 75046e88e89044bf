/** What the kernel allows and nobody expects: longest names, largest numbers, a daemon without descriptors or stopped. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BridgeMount } from '../support/bridge-mount.js';
import { assertQuiet } from '../support/bridge-scenarios.js';
import { runPython } from '../support/run-python.js';

/** Tests beside this one have the kernel drop what it knows, and it asks again: what is asked in vain is asked each time. */
async function leastOf(requests: () => Promise<number>): Promise<number> {
  const counts: number[] = [];
  for (let round = 0; round < 3; round++) counts.push(await requests());
  return Math.min(...counts);
}

test('five thousand names of 255 bytes are listed, each once, and one byte more is too long', async (context) => {
  const mount = await BridgeMount.start(context);
  const answer = await runPython(
    mount.path,
    `
names = {'ж' * 125 + f'{index:05}' for index in range(5000)}
assert all(len(name.encode()) == 255 for name in names)
for name in names: open(name, 'w').close()
seen = os.listdir('.')
with os.scandir('.') as entries: sizes = [entry.stat().st_size for entry in entries]
long = 'ж' * 128
print(json.dumps([len(seen), set(seen) == names, len(sizes), attempt(lambda: open(long, 'w')), attempt(lambda: os.stat(long)),
  attempt(lambda: os.mkdir(long)), attempt(lambda: os.rename(seen[0], long)), attempt(lambda: os.symlink('x', long))]))`,
  );
  const tooLong = Array<string>(5).fill('ENAMETOOLONG');
  assert.deepEqual(answer, [5000, true, 5000, ...tooLong]);
  await assertQuiet(mount);
});

test('thirty thousand entries, removed while somebody lists them: none twice, none that stayed is missed', async (context) => {
  const mount = await BridgeMount.start(context);
  const answer = await runPython(
    mount.path,
    `
for index in range(30000): os.mknod(f'f{index}', 0o100644)
seen = []
with os.scandir('.') as entries:
    for at, entry in enumerate(entries):
        seen.append(entry.name)
        if at % 3 == 0: os.unlink(f'f{29999 - at // 3}')
stayed = {f'f{index}' for index in range(20000)}
print(json.dumps([len(seen) == len(set(seen)), stayed <= set(seen)]))`,
  );
  assert.deepEqual(answer, [true, true]);
  await assertQuiet(mount);
});

test('who lists all names first and looks at each afterwards asks nothing per name', async (context) => {
  const mount = await BridgeMount.start(context);
  const [files, namesPerReply] = [2000, 20];
  const look =
    'names = os.listdir(".")\nprint(json.dumps(sum(os.stat(name).st_size == 0 for name in names)))';
  let there = 0;
  const askedPerName = await leastOf(async () => {
    // Made by others: the kernel knows none of these yet.
    for (const end = there + files; there < end; there++) await mount.tell('remote-write', `/f${there}`, '');
    const before = (await mount.statistics()).requests;
    assert.equal(await runPython(mount.path, look), there);
    return ((await mount.statistics()).requests - before) / there;
  });
  assert.ok(askedPerName < 1 / namesPerReply);
  await assertQuiet(mount);
});

test('four thousand open handles: each answers, and none stays', async (context) => {
  const mount = await BridgeMount.start(context);
  const answer = await runPython(
    mount.path,
    `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
make('a', 'data')
fds = [os.open('a', os.O_RDWR) for _ in range(4000)]
good = sum(os.pread(fd, 4, 0) == b'data' for fd in fds)
print(json.dumps(good))`,
  );
  assert.equal(answer, 4000);
  await assertQuiet(mount);
});

for (const data of ['served', 'descriptor'] as const) {
  test(`what lies beyond the numbers that we count in is too large (data ${data})`, async (context) => {
    // A file on tmpfs may be as long as numbers go.
    const environment = { ODBFS_TEST_BACKING: '/dev/shm' };
    const mount = await BridgeMount.start(context, { memory: { data }, environment });
    const answer = await runPython(
      mount.path,
      `
fd = os.open('a', os.O_RDWR | os.O_CREAT)
far = [2**53 - 1, 2**53, 2**62, 2**63 - 3]
print(json.dumps([attempt(lambda: os.pwrite(fd, b'x', 2**53 - 2)), [attempt(lambda: os.pwrite(fd, b'xy', at)) for at in far],
  [attempt(lambda: os.ftruncate(fd, at)) for at in far[1:]], [fallocate(fd, 0, at, 1) for at in far],
  os.fstat(fd).st_size == 2**53 - 1, attempt(lambda: os.pread(fd, 9, 2**53 - 2).decode())]))`,
    );
    const tooLarge = (count: number) => Array<string>(count).fill('EFBIG');
    assert.deepEqual(answer, [1, tooLarge(4), tooLarge(3), tooLarge(4), true, 'x']);
    await assertQuiet(mount);
  });
}

test('a daemon out of descriptors says so, at once, and works again when there are some', async (context) => {
  const mount = await BridgeMount.start(context);
  const limit = (count: number) => execFileSync('prlimit', [`--pid=${mount.pid}`, `--nofile=${count}:`]);
  limit((await mount.statistics()).descriptors + 5);
  const fill = `
made = []
for index in range(20):
    answer = attempt(lambda: os.close(os.open(f'f{index}', os.O_RDWR | os.O_CREAT)))
    made.append(answer)
print(json.dumps(sorted({answer for answer in made if answer is not None})))`;
  assert.deepEqual(await runPython(mount.path, fill), ['ENFILE']);
  limit(4096);
  assert.deepEqual(await runPython(mount.path, fill), []);
  await assertQuiet(mount);
});

test('a daemon that was stopped goes on where it was: clients wait, and lose nothing', async (context) => {
  const mount = await BridgeMount.start(context, { memory: { entryValidMs: 0, attributesValidMs: 0 } });
  for (let round = 0; round < 5; round++) {
    process.kill(mount.pid, 'SIGSTOP');
    const script = `echo ${round} > f${round} && mv f${round} g${round} && cat g${round}`;
    const clients = Array.from({ length: 3 }, () =>
      spawn('cat', [join(mount.path, 'absent')], { stdio: 'ignore' }),
    );
    const worker = spawn('sh', ['-c', `cd ${mount.path} && ${script}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for (const { pid } of [...clients, worker]) await until(() => isWaitingForServer(pid!));
    const answers = [...clients, worker].map(async (client) => (await once(client, 'close'))[0] as number);
    process.kill(mount.pid, 'SIGCONT');
    assert.deepEqual(await Promise.all(answers), [1, 1, 1, 0]);
    assert.equal(fs.readFileSync(join(mount.path, `g${round}`), 'utf8'), `${round}\n`);
  }
  await assertQuiet(mount);
});

/** Of the process: where in the kernel it sleeps. */
function isWaitingForServer(pid: number): boolean {
  return fs.readFileSync(`/proc/${pid}/wchan`, 'utf8').includes('request_wait_answer');
}

async function until(what: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 6000 && !what(); attempt++) await sleep(10);
  assert.ok(what());
}

test('extended attributes of every size', async (context) => {
  const mount = await BridgeMount.start(context);
  const answer = await runPython(
    mount.path,
    `
make('a', '')
sizes = [0, 1, 4095, 4096, 65535, 65536]
def there_and_back(size):
    os.setxattr('a', 'user.x', b'v' * size)
    return os.getxattr('a', 'user.x') == b'v' * size
answers = [attempt(lambda: there_and_back(size)) for size in sizes]
answers.append(attempt(lambda: os.setxattr('a', 'user.x', b'v' * 65537)))
answers.append(attempt(lambda: os.setxattr('a', 'user.' + 'n' * 251, b'')))
for index in range(300): os.setxattr('a', f'user.{index:0240}', b'')
answers.append(attempt(lambda: len(os.listxattr('a'))))
print(json.dumps(answers))`,
  );
  assert.deepEqual(answer, [true, true, true, true, true, true, 'E2BIG', 'ERANGE', 'E2BIG']);
  await assertQuiet(mount);
});

test('handles are opened and closed while their bytes change sides', async (context) => {
  const mount = await BridgeMount.start(context);
  fs.writeFileSync(join(mount.path, 'a'), 'data');
  let isDone = false;
  const clients = runPython(
    mount.path,
    `
failures = []
def work(index):
    for round in range(300):
        fd = os.open('a', os.O_RDWR)
        if os.pwrite(fd, b'data', 0) != 4 or os.pread(fd, 4, 0) != b'data': failures.append(index)
        os.close(fd)
threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(failures))`,
  ).finally(() => {
    isDone = true;
  });
  for (let round = 0; !isDone; round++)
    await mount.tell('rebind', '/a', round % 2 === 0 ? 'served' : 'native');
  assert.deepEqual(await clients, []);
  await assertQuiet(mount);
});

test('closing what was only read asks nobody; closing what may have been written does', async (context) => {
  const mount = await BridgeMount.start(context);
  fs.writeFileSync(join(mount.path, 'a'), 'data');
  const openReadClose = (flags: string) => {
    const fd = fs.openSync(join(mount.path, 'a'), flags);
    fs.readSync(fd, Buffer.alloc(4), 0, 4, 0);
    fs.closeSync(fd);
  };
  const requestsOf = async (flags: string) => {
    // The first asks for the attributes as well.
    openReadClose(flags);
    await assertQuiet(mount);
    return leastOf(async () => {
      const before = (await mount.statistics()).requests;
      for (let round = 0; round < 100; round++) openReadClose(flags);
      await assertQuiet(mount);
      return (await mount.statistics()).requests - before;
    });
  };
  // OPEN and RELEASE, and FLUSH between them; the bytes are not the file system's business.
  assert.equal(await requestsOf('r'), 200);
  assert.equal(await requestsOf('r+'), 300);
});
