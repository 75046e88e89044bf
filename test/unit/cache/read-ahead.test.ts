import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadAhead } from '../../../src/cache/read-ahead.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('read-ahead', () => {
  it('fetches nothing ahead of a random reader', () => {
    const ahead = new ReadAhead(32 * MIB);
    for (const offset of [5, 900, 17, 333, 60, 801]) {
      assert.equal(ahead.next({ offset: offset * MIB, length: 64 * KIB }).length, 0);
    }
  });

  it('believes who begins at the beginning after two reads, and others after three', () => {
    const ahead = new ReadAhead(32 * MIB);
    assert.equal(ahead.next({ offset: 0, length: 128 * KIB }).length, 0);
    assert.deepEqual(ahead.next({ offset: 128 * KIB, length: 128 * KIB }), {
      offset: 256 * KIB,
      length: MIB,
    });
    assert.equal(ahead.next({ offset: 500 * MIB, length: 128 * KIB }).length, 0);
    assert.equal(ahead.next({ offset: 500 * MIB + 128 * KIB, length: 128 * KIB }).length, 0);
    assert.equal(ahead.next({ offset: 500 * MIB + 256 * KIB, length: 128 * KIB }).length, 1.5 * MIB);
  });

  it('grows with what was read, up to its bound', () => {
    const ahead = new ReadAhead(8 * MIB);
    let last = 0;
    for (let offset = 0; offset < 4 * MIB; offset += 128 * KIB) {
      const { length } = ahead.next({ offset, length: 128 * KIB });
      assert.ok(length >= last);
      last = length;
    }
    assert.equal(last, 8 * MIB);
  });

  it('tells readers of the same content apart, and bears requests that overtake one another', () => {
    const ahead = new ReadAhead(32 * MIB);
    const lengths: number[] = [];
    for (const step of [0, 2, 1, 3, 5, 4, 6]) {
      lengths.push(ahead.next({ offset: step * 128 * KIB, length: 128 * KIB }).length);
      lengths.push(ahead.next({ offset: 100 * MIB + step * 128 * KIB, length: 128 * KIB }).length);
    }
    assert.ok(lengths.slice(-8).every((length) => length >= MIB));
  });
});
