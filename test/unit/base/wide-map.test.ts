import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WideMap } from '../../../src/base/index.js';

const key = fc.oneof(fc.nat(40), fc.maxSafeNat(), fc.string({ maxLength: 3 }));
const step = fc.record({ key, kind: fc.constantFrom('set', 'delete', 'get'), value: fc.nat() });

test('a wide map answers as a map does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const [wide, plain] = [new WideMap<number | string, number>(), new Map<number | string, number>()];
      for (const { key, kind, value } of steps) {
        if (kind === 'set') {
          wide.set(key, value);
          plain.set(key, value);
        }
        if (kind === 'delete') assert.equal(wide.delete(key), plain.delete(key));
        assert.equal(wide.get(key), plain.get(key));
        assert.equal(wide.has(key), plain.has(key));
        assert.equal(wide.size, plain.size);
      }
    }),
  );
});
