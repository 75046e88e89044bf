/** The operations of `fuse-native`, by path, as requests to the file system. */
import {
  type AttributeChanges,
  type Attributes,
  type AttributesReply,
  type DirectoryReader,
  type Entry,
  type FileSystemStatistics,
  FsError,
  type NodeId,
  type OpenReply,
  type Replies,
  type Timestamp,
} from '../../fs/index.js';
import { decodeOpenFlags } from '../wire/open-flags.js';
import type { FileTable } from './file-table.js';
import { CALLER, type PathWalker, type Place } from './path-walker.js';

const NO_FLAGS = { noReplace: false, exchange: false, unknown: false } as const;
const READ_WRITE = 2;
/** -1 of chown(2), as the package hands it on. */
const UNCHANGED = 0xffff_ffff;
/** What the package makes of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** What each operation gives behind the error number; a rejection is the error. */
export type PathOperation = (...words: never[]) => Promise<readonly unknown[]>;

export function pathOperations(
  walker: PathWalker,
  files: FileTable,
): Readonly<Record<string, PathOperation>> {
  const caller = CALLER;
  const change = (path: string, changes: Omit<AttributeChanges, 'killPrivileges'>) =>
    walker.at(path, async (node) => {
      const all = { killPrivileges: false, ...changes };
      await walker.ask({ operation: 'setattr', caller, node, handle: null, changes: all });
      return [];
    });
  const resize = async (path: string, size: number) => change(path, { size: countable(size) });
  const make = <Result>(path: string, work: (place: Place) => Promise<Result>) =>
    walker.in(path, async (place) => {
      if (place.name.includes(REPLACEMENT)) throw new FsError('EILSEQ', 'names must be UTF-8');
      return work(place);
    });
  const made = (request: Promise<Entry>) => request.then((entry) => walker.forget(entry)).then(() => []);
  const attributes = (path: string) =>
    walker.at(path, async (node) => [
      statOf(
        (await walker.ask<AttributesReply>({ operation: 'getattr', caller, node, handle: null })).attributes,
      ),
    ]);
  const onFile = (operation: 'flush' | 'fsync') => async (number: number, dataOnly: boolean) => {
    const { node, handle } = files.get(number);
    const request = { caller, node, handle };
    await walker.ask(operation === 'flush' ? { operation, ...request } : { operation, dataOnly, ...request });
    return [];
  };
  const flush = onFile('flush');
  const fsync = onFile('fsync');
  return {
    getattr: attributes,
    fgetattr: attributes,
    readlink: (path: string) =>
      walker.at(path, async (node) => [await walker.ask({ operation: 'readlink', caller, node })]),
    readdir: (path: string) => walker.at(path, async (node) => [await listNames(walker, node)]),
    mknod: (path: string, mode: number) =>
      make(path, (place) => made(walker.ask({ operation: 'mknod', caller, mode, ...place }))),
    mkdir: (path: string, mode: number) =>
      make(path, (place) => made(walker.ask({ operation: 'mkdir', caller, mode, ...place }))),
    symlink: (target: string, path: string) =>
      make(path, (place) => made(walker.ask({ operation: 'symlink', caller, target, ...place }))),
    link: () => Promise.reject(new FsError('EPERM')),
    unlink: (path: string) =>
      walker.in(path, async (place) => [await walker.ask({ operation: 'unlink', caller, ...place })]),
    rmdir: (path: string) =>
      walker.in(path, async (place) => [await walker.ask({ operation: 'rmdir', caller, ...place })]),
    rename: (from: string, to: string) =>
      walker.in(from, (place) =>
        make(to, async ({ parent: newParent, name: newName }) => [
          await walker.ask({ operation: 'rename', caller, ...place, newParent, newName, flags: NO_FLAGS }),
        ]),
      ),
    chmod: (path: string, mode: number) => change(path, { mode }),
    chown: (path: string, uid: number, gid: number) =>
      change(path, { ...(uid !== UNCHANGED && { uid }), ...(gid !== UNCHANGED && { gid }) }),
    truncate: resize,
    ftruncate: (path: string, _: number, size: number) => resize(path, size),
    // The package passes the time of access twice (its issue 3): of the two, that of modification matters.
    utimens: (path: string, accessed: number, modified: number) =>
      change(path, { accessed: timestamp(accessed), modified: timestamp(modified) }),
    open: (path: string, flags: number) =>
      walker.at(path, async (node) => [await openNode(walker, files, node, flags)]),
    create: (path: string, mode: number) =>
      make(path, async (place) => {
        const request = {
          operation: 'create',
          caller,
          mode,
          ...place,
          flags: decodeOpenFlags(READ_WRITE),
        } as const;
        const { entry, open } = await walker.ask<Replies['create']>(request);
        // This look-up is kept, and forgotten with the handle.
        return [files.add(entry.node, open)];
      }),
    read: async (_: string, number: number, bytes: Buffer, length: number, offset: number) => [
      Number.isSafeInteger(offset) ? await files.read(number, bytes.subarray(0, length), offset) : 0,
    ],
    write: async (_: string, number: number, bytes: Buffer, length: number, offset: number) => [
      await files.write(number, bytes.subarray(0, length), countable(offset)),
    ],
    flush: (_: string, number: number) => flush(number, false),
    fsync: (_: string, dataOnly: boolean, number: number) => fsync(number, dataOnly),
    release: async (_: string, number: number) => [await files.release(number)],
    statfs: (path: string) =>
      walker.at(path, async (node) => [
        statisticsOf(await walker.ask({ operation: 'statfs', caller, node })),
      ]),
    getxattr: (path: string, name: string) =>
      walker.at(path, async (node) => [
        Buffer.from(await walker.ask<Uint8Array>({ operation: 'getxattr', caller, node, name })),
      ]),
    setxattr: (path: string, name: string, value: Buffer, _: number, flags: number) =>
      walker.at(path, async (node) => {
        const [create, replace] = [(flags & 1) !== 0, (flags & 2) !== 0];
        return [await walker.ask({ operation: 'setxattr', caller, node, name, value, create, replace })];
      }),
    listxattr: (path: string) =>
      walker.at(path, async (node) => [await walker.ask({ operation: 'listxattr', caller, node })]),
    removexattr: (path: string, name: string) =>
      walker.at(path, async (node) => [await walker.ask({ operation: 'removexattr', caller, node, name })]),
  };
}

async function openNode(walker: PathWalker, files: FileTable, node: NodeId, flags: number): Promise<number> {
  const request = { operation: 'open', caller: CALLER, node, flags: decodeOpenFlags(flags) } as const;
  const open = await walker.ask<OpenReply>(request);
  walker.keep(node);
  return files.add(node, open);
}

async function listNames(walker: PathWalker, node: NodeId): Promise<string[]> {
  const { handle } = await walker.ask<Replies['opendir']>({ operation: 'opendir', caller: CALLER, node });
  try {
    const names: string[] = [];
    for (let cookie = 0; ; ) {
      const request = { operation: 'readdir', caller: CALLER, node, handle, offset: cookie } as const;
      const reader = await walker.ask<DirectoryReader>(request);
      const before = cookie;
      for (let entry = reader.at(cookie); entry !== undefined; entry = reader.at(cookie)) {
        names.push(entry.name);
        cookie += 1;
      }
      if (cookie === before) return names;
    }
  } finally {
    await walker.ask({ operation: 'releasedir', caller: CALLER, node, handle });
  }
}

/** Sizes and places beyond what we count in are beyond any file. */
function countable(value: number): number {
  if (!Number.isSafeInteger(value)) throw new FsError('EFBIG');
  return value;
}

function timestamp(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanoseconds: Math.round((ms - seconds * 1000) * 1e6) };
}

function statOf({ accessed, modified, changed, blockSize, ...attributes }: Attributes): object {
  const date = ({ seconds, nanoseconds }: Timestamp) =>
    new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  return {
    ...attributes,
    blksize: blockSize,
    atime: date(accessed),
    mtime: date(modified),
    ctime: date(changed),
  };
}

function statisticsOf(statistics: FileSystemStatistics): object {
  const { blockSize, totalBlocks, freeBlocks, files, freeFiles, longestName } = statistics;
  return {
    bsize: blockSize,
    frsize: blockSize,
    blocks: totalBlocks,
    bfree: freeBlocks,
    bavail: freeBlocks,
    files,
    ffree: freeFiles,
    favail: freeFiles,
    fsid: 0,
    flag: 0,
    namemax: longestName,
  };
}
