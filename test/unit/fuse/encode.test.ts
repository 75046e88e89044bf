/** Replies, byte by byte, and what is agreed with the kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectoryReader, Entry } from '../../../src/fs/index.js';
import {
  agree,
  BODY,
  InitFlag,
  InitFlag2,
  putDirectory,
  putReply,
  ReplyArena,
} from '../../../src/fuse/wire/index.js';
import { decodeInit } from '../../../src/fuse/wire/init.js';
import { message, u32, u64 } from '../../support/fuse-messages.js';

const time = (seconds: number) => ({ seconds, nanoseconds: 5 });
const attributes = {
  ino: 2 ** 40 + 1,
  size: 2 ** 33,
  blocks: 8,
  mode: 0o100644,
  nlink: 1,
  uid: 1000,
  gid: 100,
  blockSize: 4096,
  accessed: time(-1),
  modified: time(2),
  changed: time(3),
  born: time(4),
};
const entry: Entry = { node: 9, attributes, entryValidMs: 1500, attributesValidMs: 250 };
const context = { limit: 0, passthroughId: 0 };

function filled(size = 4096): ReplyArena {
  const arena = new ReplyArena(size);
  arena.bytes.fill(0xee);
  return arena;
}

test('an entry', () => {
  const arena = filled();
  assert.equal(putReply(arena, 'lookup', entry, context), 128);
  const body = arena.bytes.subarray(BODY);
  assert.equal(body.readBigUInt64LE(0), 9n);
  assert.equal(body.readBigUInt64LE(8), 0n);
  assert.deepEqual([body.readBigUInt64LE(16), body.readUInt32LE(32)], [1n, 500_000_000]);
  assert.deepEqual([body.readBigUInt64LE(24), body.readUInt32LE(36)], [0n, 250_000_000]);
  assert.equal(body.readBigUInt64LE(40), 2n ** 40n + 1n);
  assert.equal(body.readBigUInt64LE(48), 2n ** 33n);
  assert.equal(body.readBigInt64LE(64), -1n);
  assert.equal(body.readUInt32LE(100), 0o100644);
  assert.deepEqual([body.readUInt32LE(116), body.readUInt32LE(124)], [0, 0]);
});

test('"no such name" has no node, and a time for which that is so', () => {
  const arena = filled();
  putReply(arena, 'lookup', { node: 0, validMs: 3000 }, context);
  const body = arena.bytes.subarray(BODY, BODY + 128);
  assert.equal(body.readBigUInt64LE(16), 3n);
  assert.equal(body.readBigUInt64LE(0), 0n);
  assert.ok(body.subarray(40).every((byte) => byte === 0));
});

test('statx carries the birth time', () => {
  const arena = filled();
  assert.equal(putReply(arena, 'statx', { attributes, validMs: Number.POSITIVE_INFINITY }, context), 288);
  const statx = arena.bytes.subarray(BODY + 32);
  assert.equal(arena.bytes.readBigUInt64LE(BODY), 0x7fff_ffffn);
  assert.equal(statx.readUInt16LE(28), 0o100644);
  assert.equal(statx.readBigUInt64LE(40), 2n ** 33n);
  const times = [0, 1, 2, 3].map((index) => Number(statx.readBigInt64LE(64 + index * 16)));
  assert.deepEqual(times, [-1, 4, 3, 2]);
});

test('extended attributes: length, value, or too much', () => {
  const arena = filled();
  const value = Buffer.from('12345');
  assert.equal(putReply(arena, 'getxattr', value, { ...context, limit: 0 }), 8);
  assert.equal(arena.bytes.readUInt32LE(BODY), 5);
  assert.equal(putReply(arena, 'getxattr', value, { ...context, limit: 5 }), 5);
  assert.equal(putReply(arena, 'getxattr', value, { ...context, limit: 4 }), -34);
  assert.equal(putReply(arena, 'listxattr', ['user.a', 'user.b'], { ...context, limit: 100 }), 14);
  assert.equal(arena.bytes.toString('latin1', BODY, BODY + 14), 'user.a\0user.b\0');
});

class Names implements DirectoryReader {
  readonly lookedUp: number[] = [];
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  at(cookie: number) {
    const name = this.#names[cookie];
    return name === undefined ? undefined : { name, ino: cookie + 1, kind: 'file' as const };
  }

  lookUp(cookie: number): Entry {
    this.lookedUp.push(cookie);
    return { ...entry, node: 100 + cookie };
  }
}

test('a listing goes out in pieces, each name once, and looks up only what it sends', () => {
  for (const withAttributes of [false, true]) {
    const names = ['.', '..', ...Array.from({ length: 100 }, (_, index) => `é${'x'.repeat(index)}`)];
    const reader = new Names(names);
    const seen: string[] = [];
    const counted: number[] = [];
    for (let offset = 0; ; ) {
      const arena = filled();
      const { length, lookedUp } = putDirectory(arena, BODY, { reader, offset, size: 1000, withAttributes });
      counted.push(...lookedUp);
      if (length === 0) break;
      assert.ok(length <= 1000 && length % 8 === 0);
      for (let at = BODY; at < BODY + length; ) {
        const head = withAttributes ? 128 : 0;
        const nameLength = arena.bytes.readUInt32LE(at + head + 16);
        seen.push(arena.bytes.toString('utf8', at + head + 24, at + head + 24 + nameLength));
        offset = Number(arena.bytes.readBigUInt64LE(at + head + 8));
        at += head + ((24 + nameLength + 7) & ~7);
      }
    }
    assert.deepEqual(seen, names);
    const expected = withAttributes ? names.slice(2).map((_, index) => index + 2) : [];
    assert.deepEqual(reader.lookedUp, expected);
    assert.deepEqual(
      counted,
      expected.map((cookie) => 100 + cookie),
    );
  }
});

test('a name that no kernel takes is left out', () => {
  const reader = new Names(['ok', 'x'.repeat(256), '', 'also ok']);
  const arena = filled();
  const { length } = putDirectory(arena, BODY, { reader, offset: 0, size: 4000, withAttributes: false });
  assert.equal(length, 32 + 32);
});

const wishes = { writebackCache: false, passthrough: false, timeGranularity: 1 };
const offer = (minor: number, flags = 0xffff_ffff | 0, flags2 = 0xffff_ffff | 0) =>
  decodeInit(
    message({ opcode: 26 }, u32(7), u32(minor), u32(131072), u32(flags >>> 0), u32(flags2 >>> 0), u64(0)),
  );

test('what is agreed with kernels old and new', () => {
  assert.equal(agree(offer(30), wishes), null);
  assert.equal(agree({ ...offer(31), major: 6 }, wishes), null);
  const old = agree(offer(31, 0x0fff_ffff), wishes)!;
  assert.equal(old.flags2, 0);
  assert.equal(old.flags & InitFlag.WRITEBACK_CACHE, 0);
  assert.notEqual(old.flags & InitFlag.EXPLICIT_INVAL_DATA, 0);
  const newest = agree(offer(99), wishes)!;
  assert.equal(newest.minor, 45);
  assert.equal(newest.readahead, 131072);
  assert.notEqual(newest.flags & InitFlag.HANDLE_KILLPRIV_V2, 0);
  assert.notEqual(newest.flags & InitFlag.DO_READDIRPLUS, 0);
  assert.equal(newest.flags & InitFlag.READDIRPLUS_AUTO, 0);
  assert.equal(newest.flags2 & InitFlag2.PASSTHROUGH, 0);
});

test('passthrough excludes the writeback cache', () => {
  const both = agree(offer(44), { ...wishes, passthrough: true, writebackCache: true })!;
  assert.deepEqual([both.passthrough, both.writebackCache], [true, false]);
  const without = agree(offer(44, -1, 0), { ...wishes, passthrough: true, writebackCache: true })!;
  assert.deepEqual([without.passthrough, without.writebackCache], [false, true]);
});

test('an opened file: its handle, and what the kernel may keep and need not ask', () => {
  const open = { handle: 7, keepCache: false, directIo: false, skipsFlush: false } as const;
  const backing = { kind: 'served' } as const;
  const flagsOf = (reply: Partial<Record<keyof typeof open, boolean>>, passthroughId = 0) => {
    const arena = filled();
    const whole = { ...open, ...reply, handle: 7, backing };
    assert.equal(putReply(arena, 'open', whole, { ...context, passthroughId }), 16);
    const body = arena.bytes.subarray(BODY);
    assert.equal(body.readBigUInt64LE(0), 7n);
    assert.equal(body.readUInt32LE(12), passthroughId);
    return body.readUInt32LE(8);
  };
  assert.equal(flagsOf({}), 0);
  assert.equal(flagsOf({ directIo: true }), 1);
  assert.equal(flagsOf({ keepCache: true }), 2);
  assert.equal(flagsOf({ skipsFlush: true, keepCache: true }), 2 | 32);
  assert.equal(flagsOf({ skipsFlush: true, keepCache: true }, 5), 128 | 32);
});
