/** What the kernel sends, byte by byte, and what the file system is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FsError } from '../../../src/fs/index.js';
import { decodeRequest, MalformedMessage, Message } from '../../../src/fuse/wire/index.js';
import {
  bytes,
  type Field,
  message,
  rawMessage,
  received,
  text,
  u32,
  u64,
} from '../../support/fuse-messages.js';

const caller = { uid: 1000, gid: 100, pid: 4321 };
const READ_ONLY = {
  access: 'read',
  append: false,
  truncate: false,
  exclusive: false,
  sync: false,
  direct: false,
};

const CASES: readonly (readonly [string, number, readonly Field[], object])[] = [
  ['lookup', 1, [text('näme')], { operation: 'lookup', parent: 7, name: 'näme' }],
  ['getattr', 3, [u32(0), u32(0), u64(9)], { operation: 'getattr', node: 7, handle: null }],
  ['getattr of a handle', 3, [u32(1), u32(0), u64(9)], { operation: 'getattr', node: 7, handle: 9 }],
  ['statx', 52, [u32(1), u32(0), u64(9), u32(0), u32(0xfff)], { operation: 'statx', node: 7, handle: 9 }],
  ['readlink', 5, [], { operation: 'readlink', node: 7 }],
  ['symlink', 6, [text('n'), text('a/b')], { operation: 'symlink', parent: 7, name: 'n', target: 'a/b' }],
  [
    'mknod',
    8,
    [u32(0o100644), u32(0), u32(0o22), u32(0), text('n')],
    { operation: 'mknod', parent: 7, name: 'n', mode: 0o100644 },
  ],
  ['mkdir', 9, [u32(0o755), u32(0), text('n')], { operation: 'mkdir', parent: 7, name: 'n', mode: 0o755 }],
  ['unlink', 10, [text('n')], { operation: 'unlink', parent: 7, name: 'n' }],
  ['rmdir', 11, [text('n')], { operation: 'rmdir', parent: 7, name: 'n' }],
  [
    'rename',
    12,
    [u64(8), text('a'), text('b')],
    {
      operation: 'rename',
      parent: 7,
      name: 'a',
      newParent: 8,
      newName: 'b',
      flags: { noReplace: false, exchange: false, unknown: false },
    },
  ],
  [
    'rename2',
    45,
    [u64(8), u32(5), u32(0), text('a'), text('b')],
    {
      operation: 'rename',
      parent: 7,
      name: 'a',
      newParent: 8,
      newName: 'b',
      flags: { noReplace: true, exchange: false, unknown: true },
    },
  ],
  ['link', 13, [u64(5), text('n')], { operation: 'link', node: 5, newParent: 7, newName: 'n' }],
  ['open', 14, [u32(0), u32(0)], { operation: 'open', node: 7, flags: READ_ONLY }],
  [
    'create',
    35,
    [u32(0o3302), u32(0o100600), u32(0), u32(0), text('n')],
    {
      operation: 'create',
      parent: 7,
      name: 'n',
      mode: 0o100600,
      flags: { ...READ_ONLY, access: 'read-write', exclusive: true, truncate: true, append: true },
    },
  ],
  [
    'read',
    15,
    [u64(3), u64(2 ** 40), u32(4096), u32(0), u64(0), u32(0), u32(0)],
    { operation: 'read', node: 7, handle: 3, offset: 2 ** 40, size: 4096 },
  ],
  [
    'write',
    16,
    [u64(3), u64(10), u32(3), u32(4), u64(0), u32(0), u32(0), bytes(Buffer.from('abc'))],
    { operation: 'write', node: 7, handle: 3, offset: 10, data: Buffer.from('abc'), killPrivileges: true },
  ],
  ['statfs', 17, [], { operation: 'statfs', node: 7 }],
  ['release', 18, [u64(3), u32(0), u32(0), u64(0)], { operation: 'release', node: 7, handle: 3 }],
  ['fsync', 20, [u64(3), u32(1), u32(0)], { operation: 'fsync', node: 7, handle: 3, dataOnly: true }],
  [
    'setxattr',
    21,
    [u32(2), u32(1), text('user.a'), bytes(Buffer.from('vv'))],
    {
      operation: 'setxattr',
      node: 7,
      name: 'user.a',
      value: Buffer.from('vv'),
      create: true,
      replace: false,
    },
  ],
  ['getxattr', 22, [u32(64), u32(0), text('user.a')], { operation: 'getxattr', node: 7, name: 'user.a' }],
  ['listxattr', 23, [u32(64), u32(0)], { operation: 'listxattr', node: 7 }],
  ['removexattr', 24, [text('user.a')], { operation: 'removexattr', node: 7, name: 'user.a' }],
  ['flush', 25, [u64(3), u32(0), u32(0), u64(0)], { operation: 'flush', node: 7, handle: 3 }],
  ['opendir', 27, [u32(0), u32(0)], { operation: 'opendir', node: 7 }],
  ['readdir', 28, [u64(3), u64(5), u32(4096)], { operation: 'readdir', node: 7, handle: 3, offset: 5 }],
  ['access', 34, [u32(4), u32(0)], { operation: 'access', node: 7, mask: 4 }],
  [
    'fallocate',
    43,
    [u64(3), u64(1), u64(2), u32(3), u32(0)],
    { operation: 'fallocate', node: 7, handle: 3, offset: 1, length: 2, mode: 'punch-hole' },
  ],
  [
    'lseek',
    46,
    [u64(3), u64(9), u32(4), u32(0)],
    { operation: 'lseek', node: 7, handle: 3, offset: 9, whence: 'hole' },
  ],
  [
    'copy_file_range',
    47,
    [u64(3), u64(1), u64(8), u64(4), u64(2), u64(100), u64(0)],
    {
      operation: 'copyFileRange',
      node: 7,
      handle: 3,
      offset: 1,
      targetNode: 8,
      targetHandle: 4,
      targetOffset: 2,
      length: 100,
    },
  ],
];

for (const [title, opcode, fields, expected] of CASES) {
  test(title, () => {
    assert.deepEqual(decodeRequest(message({ opcode }, ...fields)), { caller, ...expected });
  });
}

test('setattr tells what changes, and only that', () => {
  const words = (valid: number) => [
    ...[u32(valid), u32(0), u64(3), u64(99), u64(0), u64(-5n), u64(10), u64(11), u32(1), u32(2), u32(3)],
    ...[u32(0o644), u32(0), u32(501), u32(20), u32(0)],
  ];
  const decoded = (valid: number) => decodeRequest(message({ opcode: 4 }, ...words(valid)));
  const base = { operation: 'setattr', caller, node: 7 };
  assert.deepEqual(decoded(0), { ...base, handle: null, changes: { killPrivileges: false } });
  assert.deepEqual(decoded(0x87f & ~0x800), {
    ...base,
    handle: 3,
    changes: {
      killPrivileges: false,
      mode: 0o644,
      uid: 501,
      gid: 20,
      size: 99,
      accessed: { seconds: -5, nanoseconds: 1 },
      modified: { seconds: 10, nanoseconds: 2 },
    },
  });
  assert.deepEqual(decoded(0x800 | 0x80 | 0x100 | 0x400 | 0x30), {
    ...base,
    handle: null,
    changes: {
      killPrivileges: true,
      accessed: 'now',
      modified: 'now',
      changed: { seconds: 11, nanoseconds: 3 },
    },
  });
});

test('what cannot be told is answered at once', () => {
  const errno = (opcode: number, ...fields: Field[]) =>
    (decodeRequest(message({ opcode }, ...fields)) as FsError).errno;
  const noText = bytes(Uint8Array.of(0xff, 0xfe, 0));
  assert.equal(errno(99), 'ENOSYS');
  assert.equal(errno(39), 'ENOSYS');
  for (const lookupUnlinkOrRmdir of [1, 10, 11]) assert.equal(errno(lookupUnlinkOrRmdir, noText), 'EILSEQ');
  assert.equal(errno(9, u32(0), u32(0), noText), 'EILSEQ');
  assert.equal(errno(16, u64(3), u64(2n ** 60n), u32(0), u32(0), u64(0), u32(0), u32(0)), 'EFBIG');
  assert.equal(errno(43, u64(3), u64(2n ** 53n - 1n), u64(1), u32(0), u32(0)), 'EFBIG');
  assert.equal(errno(46, u64(3), u64(0), u32(0), u32(0)), 'EINVAL');
});

test('a message cut short anywhere is malformed or complete, never more than it is', () => {
  for (const [, opcode, fields] of CASES) {
    const whole = rawMessage({ opcode }, fields);
    for (let length = 40; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      cut.writeUInt32LE(length, 0);
      const outcome = decodeOrMalformed(received(cut));
      assert.ok(outcome === null || typeof outcome === 'object');
    }
  }
});

test('hostile bytes never crash the decoder, nor make it read beyond the message', () => {
  const anyMessage = fc.record({
    opcode: fc.integer({ min: 0, max: 60 }),
    body: fc.uint8Array({ maxLength: 300 }),
    node: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  fc.assert(
    fc.property(anyMessage, ({ opcode, body, node }) => {
      const outcome = decodeOrMalformed(message({ opcode, node }, bytes(body)));
      const text = JSON.stringify(outcome);
      if (outcome !== null && 'data' in outcome)
        assert.ok((outcome.data as Uint8Array).length <= body.length);
      assert.ok(text === undefined || text.length < 10_000);
    }),
    { numRuns: 3000 },
  );
});

test('an impossible length is malformed', () => {
  for (const length of [0, 39, 1000, 0xffff_ffff]) {
    const raw = rawMessage({ opcode: 17 }, []);
    raw.writeUInt32LE(length, 0);
    assert.throws(() => new Message(new Uint8Array(raw)).moveTo(0, raw.length), MalformedMessage);
  }
});

function decodeOrMalformed(received: Message): object | null {
  try {
    return decodeRequest(received);
  } catch (error) {
    assert.ok(error instanceof MalformedMessage, String(error));
    return null;
  }
}
