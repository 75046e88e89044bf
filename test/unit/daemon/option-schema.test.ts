import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountOptions } from '../../../src/daemon/option-schema.js';

test('every option of the contract is understood', () => {
  const text =
    'ro,allow_other,uid=1000,gid=100,umask=022,actimeo=5,poll=60,fsync=remote,cache_size=500M,' +
    'cache_dir=/var/c,state_dir=/var/s,uploads=2,downloads=3,bwlimit_up=1M,bwlimit_down=0,' +
    'chunk_threshold=10M,offline,blocks=cached';
  assert.deepEqual(parseMountOptions(text), {
    readOnly: true,
    allowOther: true,
    uid: 1000,
    gid: 100,
    umask: 0o022,
    attributeLifetimeSeconds: 5,
    pollSeconds: 60,
    fsync: 'remote',
    cacheLimitBytes: 500 * 1024 ** 2,
    cacheFolder: '/var/c',
    stateFolder: '/var/s',
    parallelUploads: 2,
    parallelDownloads: 3,
    uploadBytesPerSecond: 1024 ** 2,
    downloadBytesPerSecond: null,
    chunkThresholdBytes: 10 * 1024 ** 2,
    offline: true,
    blocks: 'cached',
  });
});

test('nothing asked, nothing set; the later word wins', () => {
  assert.deepEqual(parseMountOptions(''), {});
  assert.deepEqual(parseMountOptions('ro,rw'), { readOnly: false });
});

test('what makes no sense is refused in one line', () => {
  const wrong: Record<string, RegExp> = {
    nonsense: /no option "nonsense"; there are ro, allow_other/,
    'uploads=0': /uploads must be a whole number from 1 to 64/,
    'umask=9': /umask must be octal/,
    'fsync=maybe': /fsync must be one of local, remote/,
    'cache_size=lots': /cache_size must be a size/,
    'cache_dir=x': /cache_dir must be an absolute path/,
    uid: /uid must be a whole number/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseMountOptions(text), { name: 'Failure', kind: 'usage', message });
  }
});
