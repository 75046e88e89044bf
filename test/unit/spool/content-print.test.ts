import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteRange } from '../../../src/base/index.js';
import { digestOf, sameContent } from '../../../src/spool/content-print.js';

const MIB = 1024 * 1024;

function reading(content: Buffer, asked: ByteRange[] = []) {
  return async function* (range: ByteRange) {
    asked.push(range);
    yield content.subarray(range.offset, range.offset + range.length);
  };
}

test('up to the bound every byte counts', async () => {
  const content = Buffer.alloc(8 * MIB);
  const before = await digestOf(content.length, 8 * MIB, reading(content));
  content[5 * MIB + 1] = 1;
  assert.notEqual(await digestOf(content.length, 8 * MIB, reading(content)), before);
});

test('beyond it little is read: the first and the last bytes, and some between', async () => {
  const content = Buffer.alloc(32 * MIB);
  const asked: ByteRange[] = [];
  const before = await digestOf(content.length, 8 * MIB, reading(content, asked));
  assert.equal(
    asked.reduce((sum, { length }) => sum + length, 0),
    4 * MIB,
  );
  assert.equal(asked[0]?.offset, 0);
  assert.equal(asked.at(-1)!.offset + asked.at(-1)!.length, content.length);
  content[content.length - 1] = 1;
  assert.notEqual(await digestOf(content.length, 8 * MIB, reading(content)), before);
});

test('an empty content is read nowhere; one that ends early is another', async () => {
  const asked: ByteRange[] = [];
  await digestOf(0, 8 * MIB, reading(Buffer.alloc(0), asked));
  assert.deepEqual(asked, []);
  const short = Buffer.alloc(10);
  assert.notEqual(await digestOf(11, MIB, reading(short)), await digestOf(10, MIB, reading(short)));
});

test('where only the size is known, it is all that counts', () => {
  assert.ok(sameContent({ size: 1, digest: null }, { size: 1, digest: 'a' }));
  assert.ok(!sameContent({ size: 1, digest: null }, { size: 2, digest: null }));
  assert.ok(!sameContent({ size: 1, digest: 'b' }, { size: 1, digest: 'a' }));
});
