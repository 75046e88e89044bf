/**
 * A session of the bridge whose kernel is whoever holds the other end of a socket: the argument is the descriptor. Says
 * "ready", and at the end why it ended and what went wrong. Its file system answers anything, some of it later.
 */
import { openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics, silentLog, systemClock } from '../../src/base/index.js';
import { type FileSystemPort, FsError, type Reply, type Request } from '../../src/fs/index.js';
import { loadAddon } from '../../src/fuse/addon.js';
import { Connection } from '../../src/fuse/connection.js';
import { NativeKernelPort } from '../../src/fuse/native-kernel-port.js';

const time = { seconds: 1, nanoseconds: 0 };
const attributes = {
  ...{ ino: 9, size: 4096, blocks: 8, mode: 0o100644, nlink: 1, uid: 0, gid: 0, blockSize: 4096 },
  ...{ accessed: time, modified: time, changed: time, born: time },
};
const entry = { node: 9, attributes, entryValidMs: 0, attributesValidMs: 0 };
const NAMES = ['.', '..', 'a', 'ü'.repeat(100), 'x'.repeat(255)];
const path = join(process.env.ODBFS_TEST_BACKING ?? tmpdir(), `odbfs-hostile-${process.pid}`);
const descriptor = openSync(path, 'w+');
rmSync(path);
writeSync(descriptor, 'data'.repeat(1024));

let lastHandle = 0;

function opened() {
  lastHandle += 1;
  const backing =
    lastHandle % 2 === 0 ? ({ kind: 'served' } as const) : ({ kind: 'descriptor', descriptor } as const);
  return { handle: lastHandle, keepCache: false, directIo: false, skipsFlush: lastHandle % 3 === 0, backing };
}

function answer(request: Request): Reply {
  switch (request.operation) {
    case 'lookup':
    case 'mkdir':
    case 'mknod':
    case 'symlink':
      return request.name.length % 3 === 0 ? new FsError('EACCES') : entry;
    case 'getattr':
    case 'setattr':
    case 'statx':
      return { attributes, validMs: 0 };
    case 'open':
      return opened();
    case 'create':
    case 'tmpfile':
      return { entry, open: opened() };
    case 'read':
      return Buffer.alloc(Math.min(request.size, 100_000));
    case 'write':
      return request.data.length;
    case 'opendir':
      return { handle: 7, mayCache: false, keepCache: false };
    case 'readdir':
      return {
        at: (cookie) => {
          const name = NAMES[cookie];
          return name === undefined ? undefined : { name, ino: cookie + 1, kind: 'file' };
        },
        lookUp: () => entry,
      };
    case 'readlink':
      return 'a/b';
    case 'getxattr':
      return Buffer.alloc(request.name.length * 100);
    case 'listxattr':
      return ['user.a', 'user.ü'];
    case 'lseek':
    case 'copyFileRange':
      return 5;
    case 'statfs':
      return { blockSize: 4096, totalBlocks: 9, freeBlocks: 8, files: 7, freeFiles: 6, longestName: 255 };
    default:
      return undefined;
  }
}

let count = 0;
const fileSystem: FileSystemPort = {
  handle: (request) => {
    count += 1;
    if (count % 5 !== 0) return answer(request);
    return new Promise((resolve) => setImmediate(() => resolve(answer(request))));
  },
  forget: () => undefined,
  wrote: () => undefined,
  keptAttributes: { prefix: 'user.', othersAre: 'ENODATA' },
  destroy: () => undefined,
};
const metrics = new Metrics();
const connection = new Connection({
  addon: loadAddon(),
  device: Number(process.argv[2]),
  kernel: new NativeKernelPort(metrics),
  fileSystem,
  wishes: { writebackCache: false, passthrough: false, timeGranularity: 1 },
  workers: 2,
  deadlineMs: 60_000,
  notifierPatienceMs: 1000,
  clock: systemClock,
  log: silentLog,
  metrics,
});
await connection.ready;
process.stdout.write('ready\n');
const reason = await connection.ended;
process.stdout.write(`${JSON.stringify({ reason, requests: connection.requestCount })}\n`);
