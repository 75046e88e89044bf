/** System calls beyond Node's, as scripts for python3; what they print is compared with the same in a local folder. */
import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BridgeMount } from './bridge-mount.js';
import { runPython } from './run-python.js';

const NO_REPLACE = 1;
const EXCHANGE = 2;
const WHITEOUT = 4;

/** The same in a local folder. */
const AS_LOCAL: Record<string, string> = {
  'more flags of open': `
def opened(path, flags):
    try: fd = os.open(path, flags, 0o600)
    except OSError as error: return errno.errorcode[error.errno]
    answer = [attempt(lambda: os.write(fd, b'new')), attempt(lambda: os.pread(fd, 3, 0).decode())]
    os.close(fd)
    return answer
make('file', 'old old'); os.mkdir('folder'); os.symlink('file', 'link'); os.symlink('nowhere', 'dangling'); os.symlink('loop', 'loop')
flags = [os.O_DSYNC | os.O_RDWR, os.O_NONBLOCK | os.O_RDWR, os.O_NOATIME, os.O_CLOEXEC | os.O_RDWR, os.O_PATH, os.O_DIRECTORY,
  os.O_PATH | os.O_NOFOLLOW, os.O_NOFOLLOW | os.O_CREAT | os.O_RDWR, os.O_CREAT | os.O_EXCL | os.O_RDWR, os.O_TRUNC | os.O_RDONLY,
  os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_RDONLY | os.O_CREAT]
paths = ['file', 'folder', 'link', 'dangling', 'loop', 'file/', 'folder/', 'file/below', 'absent/below']
print(json.dumps([[opened(path, flag) for path in paths] for flag in flags] + [sorted(os.listdir('.'))]))`,
  'what a descriptor may not do': `
make('a', 'data'); os.mkdir('d'); make('d/x', '')
reader = os.open('a', os.O_RDONLY); writer = os.open('a', os.O_WRONLY); folder = os.open('d', os.O_RDONLY); path = os.open('a', os.O_PATH)
print(json.dumps([attempt(lambda: os.write(reader, b'x')), attempt(lambda: os.read(writer, 1)), attempt(lambda: os.read(folder, 1)),
  attempt(lambda: os.ftruncate(reader, 1)), attempt(lambda: os.fsync(path)), attempt(lambda: os.read(path, 1)), attempt(lambda: os.ftruncate(writer, -1)),
  fallocate(reader, 0, 0, 10), fallocate(folder, 0, 0, 10), fallocate(writer, 0, 0, 0), fallocate(writer, 0, -1, 10), fallocate(writer, 2, 0, 10),
  attempt(lambda: os.lseek(reader, -1, os.SEEK_SET)), attempt(lambda: os.lseek(reader, -9, os.SEEK_CUR)), os.lseek(reader, -1, os.SEEK_END),
  attempt(lambda: os.truncate('d', 0)), attempt(lambda: os.readlink('a')), attempt(lambda: os.chdir('a')), attempt(lambda: os.rmdir('.')),
  attempt(lambda: os.rename('d', 'd/y')), attempt(lambda: os.rename('.', 'z')), attempt(lambda: os.rmdir('d/..')), attempt(lambda: os.stat('n' * 256)),
  attempt(lambda: os.stat('a/b')), attempt(lambda: os.mkdir('d')), attempt(lambda: os.unlink('d')), attempt(lambda: os.rmdir('a')), attempt(lambda: os.rmdir('d'))]))`,
  'all that syncs': `
make('a', 'data')
fd = os.open('a', os.O_RDWR); folder = os.open('.', os.O_RDONLY)
os.write(fd, b'more')
print(json.dumps([os.fsync(fd), os.fdatasync(fd), os.fsync(folder), libc.syncfs(fd), libc.sync_file_range(fd, ctypes.c_long(0), ctypes.c_long(0), 7), content('a')]))`,
  'times to the nanosecond': `
make('a', 'data'); os.symlink('a', 'l')
os.utime('a', ns=(1000000001000000002, 3000000003))
first = os.stat('a')
fd = os.open('a', os.O_RDWR); os.utime(fd, ns=(5, 7)); second = os.fstat(fd)
os.utime('l', ns=(11, 13), follow_symlinks=False); third = os.lstat('l')
os.write(fd, b'x')
print(json.dumps([first.st_atime_ns, first.st_mtime_ns, second.st_atime_ns, second.st_mtime_ns, third.st_mtime_ns, os.fstat(fd).st_mtime_ns > 10**18, first.st_ctime_ns > 10**18]))`,
  'owners and permissions': `
make('a', 'data'); os.symlink('a', 'l'); os.mkdir('d', 0o3775)
os.chmod('a', 0o640)
answers = [attempt(lambda: os.chown('a', 1234, 4321)), attempt(lambda: os.lchown('l', 1, 2)), attempt(lambda: os.chown('a', -1, os.getgid()))]
shape = lambda path: [oct(os.lstat(path).st_mode), os.lstat(path).st_uid, os.lstat(path).st_gid]
answers += [shape('a'), shape('l'), shape('d'), [os.access('a', how) for how in (os.R_OK, os.W_OK, os.X_OK)]]
os.chmod('d', 0)
answers += [attempt(lambda: os.listdir('d')), attempt(lambda: make('d/x', ''))]
print(json.dumps(answers))`,
  'a folder that is emptied while it is read': `
for index in range(700): open(f'f{index:04}', 'w').close()
with os.scandir('.') as entries:
    for entry in entries: os.unlink(entry.name)
print(json.dumps(os.listdir('.')))`,
  'mapped, closed, removed': `
make('a', 'x' * 20000)
fd = os.open('a', os.O_RDWR)
mapped = mmap.mmap(fd, 0)
os.close(fd)
mapped[0:5] = b'later'; mapped[19990:19995] = b'later'
mapped.flush()
seen = content('a')[0:6]
os.unlink('a')
mapped[6:9] = b'end'
answer = [seen, mapped[0:10].decode(), len(mapped), os.path.exists('a')]
mapped.close()
print(json.dumps(answer))`,
  'copies inside the kernel': `
make('a', '0123456789' * 3000)
source = os.open('a', os.O_RDWR); target = os.open('b', os.O_RDWR | os.O_CREAT)
answers = [os.sendfile(target, source, 0, 12345), os.fstat(target).st_size]
reader, writer = os.pipe()
answers += [os.splice(source, writer, 4096, offset_src=5), os.splice(reader, target, 4096, offset_dst=0), content('b')[0:20]]
answers += [os.copy_file_range(source, target, 100, 40000, 0), attempt(lambda: os.copy_file_range(source, source, 100, 0, 50))]
reading = os.open('b', os.O_RDONLY)
answers += [attempt(lambda: os.copy_file_range(source, reading, 1)), os.copy_file_range(source, source, 100, 0, 30000), content('a')[-100:] == content('a')[:100]]
print(json.dumps(answers))`,
  'one descriptor, two processes': `
fd = os.open('a', os.O_RDWR | os.O_CREAT)
for letter in b'abcd':
    if os.fork() == 0:
        os.write(fd, bytes([letter]) * 3); os._exit(0)
    os.wait()
copy = os.dup(fd); os.close(fd); os.write(copy, b'!')
print(json.dumps([content('a'), os.lseek(copy, 0, os.SEEK_CUR), os.close(copy)]))`,
  'scattered and gathered': `
fd = os.open('a', os.O_RDWR | os.O_CREAT)
answers = [os.pwritev(fd, [b'one', b'two' * 3000, b'three'], 10), os.pwritev(fd, [b'tail'], 0, os.RWF_APPEND), os.fstat(fd).st_size]
parts = [bytearray(5), bytearray(9000), bytearray(20)]
answers += [os.preadv(fd, parts, 8), parts[0].decode('latin1'), parts[2].decode('latin1'), os.pwritev(fd, [b'now'], 0, os.RWF_DSYNC)]
print(json.dumps(answers))`,
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
  'nameless files are refused, moves to elsewhere too': {
    script: `make('a', 'A')
print(json.dumps([attempt(lambda: os.open('.', os.O_TMPFILE | os.O_RDWR)), attempt(lambda: os.rename('a', '/tmp/odbfs-not-here')), content('a')]))`,
    answer: ['ENOTSUP', 'EXDEV', 'A'],
  },
  'what fallocate cannot': {
    script: `
fd = os.open('a', os.O_RDWR | os.O_CREAT)
os.write(fd, b'y' * 9000)
print(json.dumps([fallocate(fd, mode, 0, 4096) for mode in (8, 32, 64, 17, 1024)] + [os.fstat(fd).st_size]))`,
    answer: ['ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTSUP', 'ENOTSUP', 9000],
  },
  'past the page cache': {
    script: `
fd = os.open('a', os.O_RDWR | os.O_CREAT | os.O_DIRECT)
block = mmap.mmap(-1, 8192); block[:] = b'd' * 8192
answers = [os.write(fd, block), os.pwrite(fd, block, 8192)]
other = mmap.mmap(-1, 16384)
answers += [os.preadv(fd, [other], 0), other[:] == b'd' * 16384, content('a') == 'd' * 16384, os.fstat(fd).st_size]
print(json.dumps(answers))`,
    answer: [8192, 8192, 16384, true, true, 16384],
  },
  'unknown flags of rename are refused': {
    script: `make('a', 'A')\nprint(json.dumps([renameat2('a', 'b', ${WHITEOUT}), content('a')]))`,
    answer: ['EINVAL', 'A'],
  },
  'hard links are refused, special files too': {
    script: `make('a', 'A')\nprint(json.dumps([attempt(lambda: os.link('a', 'b')), attempt(lambda: os.mkfifo('f'))]))`,
    answer: ['EPERM', 'EPERM'],
  },
  'names that are no text': {
    script:
      "print(json.dumps([attempt(lambda: os.stat(b'\\xff\\xfe')), attempt(lambda: os.unlink(b'\\xff'))]))",
    answer: ['EILSEQ', 'EILSEQ'],
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
  'attributes that are never kept': {
    script: `
make('a', '')
print(json.dumps([attempt(lambda: os.getxattr('a', name)) for name in ('security.capability', 'trusted.x', 'user.x')]))`,
    answer: ['ENODATA', 'ENODATA', 'ENODATA'],
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

/** Each script in a folder of its own, here and there; `beyond` names those whose answers must differ. */
export async function compareScripts(
  context: TestContext,
  mount: BridgeMount,
  { beyond = [], user }: { readonly beyond?: readonly string[]; readonly user?: number } = {},
): Promise<void> {
  const local = mkdtempSync(join(tmpdir(), 'odbfs-local-'));
  context.after(() => rmSync(local, { recursive: true }));
  if (user !== undefined) chownSync(local, user, user);
  const ask = (root: string, title: string, script: string) =>
    runPython(root, script, { within: title, ...(user === undefined ? {} : { user }) });
  for (const [title, script] of Object.entries(AS_LOCAL)) {
    await context.test(title, async () => {
      const expected = await ask(local, title, script);
      const actual = await ask(mount.path, title, script).catch((error: Error) => error.message);
      if (beyond.includes(title)) assert.notDeepEqual(actual, expected);
      else assert.deepEqual(actual, expected);
    });
  }
  for (const [title, { script, answer }] of Object.entries(EXACTLY)) {
    await context.test(title, async () => {
      const actual = await ask(mount.path, title, script).catch((error: Error) => error.message);
      if (beyond.includes(title)) assert.notDeepEqual(actual, answer);
      else assert.deepEqual(actual, answer);
    });
  }
}
