/** System calls beyond Node's: flags of renameat2, fallocate, lseek, mmap, locks, extended attributes, many appenders. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BridgeMount, type BridgeOptions } from '../support/bridge-mount.js';
import { runPython } from '../support/run-python.js';

const NO_REPLACE = 1;
const EXCHANGE = 2;
const WHITEOUT = 4;

/** The same in a local folder. */
const AS_LOCAL: Record<string, string> = {
  renameat2: `
make('a', 'A'); make('b', 'B'); os.mkdir('d')
print(json.dumps([
  renameat2('a', 'b', ${NO_REPLACE}), renameat2('a', 'c', ${NO_REPLACE}), content('c'),
  renameat2('b', 'c', ${EXCHANGE}), content('b'), content('c'), renameat2('b', 'absent', ${EXCHANGE}),
  renameat2('b', 'd', ${EXCHANGE}), sorted(os.listdir('.')), stat.S_ISDIR(os.stat('b').st_mode),
  renameat2('c', 'x', ${NO_REPLACE | EXCHANGE})]))`,
  'mmap, shared and private': `
make('a', 'x' * 10000)
with open('a', 'r+b') as file:
    shared = mmap.mmap(file.fileno(), 0)
    shared[5000:5005] = b'hello'
    shared.flush()
    private = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    private[0:3] = b'abc'
    seen = os.pread(file.fileno(), 5, 5000).decode()
    shared[9999:10000] = b'!'
    shared.close()
print(json.dumps([seen, content('a')[4998:5007], content('a')[0:3], content('a')[-2:], os.stat('a').st_size]))`,
  'many appenders': `
def append(letter):
    fd = os.open('log', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for _ in range(50): os.write(fd, letter * 79 + b'\\n')
    os.close(fd)
threads = [threading.Thread(target=append, args=(bytes([97 + index]),)) for index in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
lines = content('log').split('\\n')
print(json.dumps([len(lines), sorted(set(lines)), os.stat('log').st_size]))`,
  fallocate: `
fd = os.open('a', os.O_RDWR | os.O_CREAT)
os.write(fd, b'y' * 9000)
answers = [fallocate(fd, 0, 0, 20000), os.fstat(fd).st_size, fallocate(fd, 1, 0, 50000), os.fstat(fd).st_size]
answers += [fallocate(fd, 3, 4096, 4096), os.pread(fd, 2, 4095).decode(), os.pread(fd, 2, 8191).decode()]
answers += [fallocate(fd, 16, 0, 10), os.pread(fd, 12, 0).decode(), os.fstat(fd).st_size]
print(json.dumps(answers))`,
  'the end of data': `
make('a', 'data')
fd = os.open('a', os.O_RDONLY)
print(json.dumps([os.lseek(fd, 0, os.SEEK_DATA), os.lseek(fd, 1, os.SEEK_HOLE), attempt(lambda: os.lseek(fd, 4, os.SEEK_DATA)),
  attempt(lambda: os.lseek(fd, 9, os.SEEK_HOLE)), os.lseek(fd, 0, os.SEEK_END)]))`,
  locks: `
make('a', 'data')
one = open('a', 'r+'); other = open('a', 'r+')
answers = [fcntl.flock(one, fcntl.LOCK_EX), attempt(lambda: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB))]
answers += [fcntl.flock(one, fcntl.LOCK_UN), attempt(lambda: fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB))]
fcntl.lockf(one, fcntl.LOCK_EX, 2, 0)
if os.fork() == 0:
    mine = open('a', 'r+')
    os._exit(0 if attempt(lambda: fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB, 2, 0)) in ('EAGAIN', 'EACCES') else 1)
answers.append(os.wait()[1])
print(json.dumps(answers))`,
  'names that are no text': `
answers = [attempt(lambda: os.stat(b'\\xff\\xfe')) , attempt(lambda: os.unlink(b'\\xff'))]
print(json.dumps(answers))`,
  copy_file_range: `
make('a', '0123456789' * 1000)
source = os.open('a', os.O_RDONLY); target = os.open('b', os.O_RDWR | os.O_CREAT)
count = os.copy_file_range(source, target, 5000, 10, 100)
print(json.dumps([count, content('b') == content('a')[10:10] + '\\0' * 100 + content('a')[10:5010], os.fstat(target).st_size]))`,
  'set-uid bits go when somebody writes': `
make('a', 'x'); os.chmod('a', 0o6755)
if os.getuid() == 0:
    if os.fork() == 0:
        os.chmod('.', 0o777); os.chmod('a', 0o6777)
        os.setgid(65534); os.setuid(65534)
        fd = os.open('a', os.O_WRONLY); os.write(fd, b'new'); os.close(fd)
        os._exit(0)
    os.wait()
print(json.dumps([oct(os.stat('a').st_mode), content('a')]))`,
};

const EXACTLY: Record<string, { readonly script: string; readonly answer: unknown }> = {
  'unknown flags of rename are refused': {
    script: `make('a', 'A')\nprint(json.dumps([renameat2('a', 'b', ${WHITEOUT}), content('a')]))`,
    answer: ['EINVAL', 'A'],
  },
  'hard links are refused, special files too': {
    script: `make('a', 'A')\nprint(json.dumps([attempt(lambda: os.link('a', 'b')), attempt(lambda: os.mkfifo('f'))]))`,
    answer: ['EPERM', 'EPERM'],
  },
  'names that are no text are not made': {
    script: "print(json.dumps([attempt(lambda: open(b'\\xff', 'w')), attempt(lambda: os.mkdir(b'a\\xfe'))]))",
    answer: ['EILSEQ', 'EILSEQ'],
  },
  'extended attributes': {
    script: `
make('a', '')
answers = [attempt(lambda: os.getxattr('a', 'user.one')), os.listxattr('a'), os.setxattr('a', 'user.one', b'1' * 300)]
answers += [len(os.getxattr('a', 'user.one')), os.listxattr('a')]
answers += [attempt(lambda: os.setxattr('a', 'user.one', b'', os.XATTR_CREATE)), attempt(lambda: os.setxattr('a', 'user.two', b'', os.XATTR_REPLACE))]
answers += [os.setxattr('a', 'user.big', b'v' * 60000), len(os.getxattr('a', 'user.big')), os.removexattr('a', 'user.one'), os.listxattr('a')]
print(json.dumps(answers))`,
    answer: ['ENODATA', [], null, 300, ['user.one'], 'EEXIST', 'ENODATA', null, 60000, null, ['user.big']],
  },
  'sizes beyond all measure': {
    script: `
make('a', 'data')
fd = os.open('a', os.O_RDWR)
print(json.dumps([attempt(lambda: os.ftruncate(fd, 2**62)), attempt(lambda: os.pwrite(fd, b'x', 2**62)), attempt(lambda: os.pread(fd, 1, 2**62)) in (b'', ''), os.fstat(fd).st_size]))`.replace(
      "attempt(lambda: os.pread(fd, 1, 2**62)) in (b'', '')",
      "attempt(lambda: os.pread(fd, 1, 2**62)) == b''",
    ),
    answer: ['EFBIG', 'EFBIG', true, 4],
  },
};

async function compareAll(mount: BridgeMount, context: import('node:test').TestContext): Promise<void> {
  const local = mkdtempSync(join(tmpdir(), 'odbfs-local-'));
  context.after(() => rmSync(local, { recursive: true }));
  for (const [title, script] of Object.entries(AS_LOCAL)) {
    await context.test(title, async () => {
      const answers: unknown[] = [];
      for (const root of [local, mount.path]) {
        mkdirSync(join(root, title));
        answers.push(await runPython(join(root, title), script));
      }
      assert.deepEqual(answers[1], answers[0]);
    });
  }
  for (const [title, { script, answer }] of Object.entries(EXACTLY)) {
    await context.test(title, async () => {
      mkdirSync(join(mount.path, title));
      assert.deepEqual(await runPython(join(mount.path, title), script), answer);
    });
  }
}

function suite(name: string, options: BridgeOptions): void {
  test(name, async (context) => {
    const mount = await BridgeMount.start(context, options);
    await compareAll(mount, context);
    const { handles, pending, bugs } = await mount.statistics();
    assert.deepEqual({ handles, pending, bugs }, { handles: 0, pending: 0, bugs: 0 });
  });
}

const EVERYBODY = { allowOther: true };
suite('system calls, data served natively', { session: EVERYBODY });
suite('system calls, data served by the file system', { memory: { data: 'served' }, session: EVERYBODY });
