import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldName, packId, packVersion, unpackVersion } from '../../../src/cache/item-key.js';

const ID = '0123abcd-1234-5678-9abc-def012345678';

describe('what is kept of an item', () => {
  it('packs a GUID into sixteen bytes, and leaves other ids alone', () => {
    assert.deepEqual(packId(ID), Buffer.from('0123abcd123456789abcdef012345678', 'hex'));
    assert.equal(packId('path:/a b'), 'path:/a b');
    assert.equal(packId(ID.toUpperCase()), ID.toUpperCase());
  });

  it('does not repeat the id in the version', () => {
    const version = `"{${ID.toUpperCase()}},17"`;
    const packed = packVersion(version, ID);
    assert.equal(packed.length, 8);
    assert.equal(unpackVersion(packed, ID), version);
    for (const other of ['W/"1-2"', '', `"${ID}"`]) {
      assert.equal(unpackVersion(packVersion(other, ID), ID), other);
    }
    assert.equal(unpackVersion(packVersion("$&$'", 'path:/$&'), 'path:/$&'), "$&$'");
  });

  it('finds names that differ in case only under the same number', () => {
    assert.equal(foldName('Straße ÄÖ.TXT'), foldName('straße äö.txt'));
    assert.notEqual(foldName('a'), foldName('b'));
  });
});
