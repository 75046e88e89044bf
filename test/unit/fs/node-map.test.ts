import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Inode } from '../../../src/fs/inode.js';
import { NodeMap } from '../../../src/fs/node-map.js';

const node = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 2 ** 40, max: 2 ** 40 + 300 }));
const step = fc.record({ node, adds: fc.boolean() });

test('inodes by node id are what a map would have of them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
      const nodes = new NodeMap();
      const plain = new Map<number, Inode>();
      for (const { node, adds } of steps) {
        if (adds) {
          const inode = new Inode(node, node, 'file', null);
          nodes.set(inode);
          plain.set(node, inode);
        } else assert.equal(nodes.delete(node), plain.delete(node));
        assert.equal(nodes.size, plain.size);
        assert.equal(nodes.get(node), plain.get(node));
      }
      for (const [number, inode] of plain) assert.equal(nodes.get(number), inode);
    }),
  );
});

test('a request for a node that never was, even one that is no whole number of ours, finds nothing', () => {
  const nodes = new NodeMap();
  nodes.set(new Inode(1, 1, 'folder', null));
  for (const never of [0, 2, 257, 2 ** 53, Number.NaN]) assert.equal(nodes.get(never), undefined);
});
