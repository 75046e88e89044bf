import assert from 'node:assert/strict';
import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountAt, mountHolding, odbfsMounts, sourceOf } from '../../../src/daemon/mount-table.js';
import { temporaryFolder } from '../../support/daemon-fakes.js';

const TABLE = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
80 22 0:52 / /home/u/OneDrive rw,nosuid,nodev shared:9 - fuse.odbfs ${sourceOf('contoso')} rw,user_id=1000
81 22 0:53 / /home/u/One\\040Drive\\040-\\040b rw - fuse.odbfs odbfs:b rw
82 22 0:54 / /mnt/s rw - fuse.sshfs host: rw
83 80 0:55 / /home/u/OneDrive/inner rw - fuse.odbfs elsewhere rw
`;

test('only our mounts are listed, with blanks in their names', () => {
  assert.deepEqual(odbfsMounts(TABLE), [
    { mountpoint: '/home/u/OneDrive', account: 'contoso' },
    { mountpoint: '/home/u/One Drive - b', account: 'b' },
    { mountpoint: '/home/u/OneDrive/inner', account: null },
  ]);
});

test('the innermost mount holds a path; a name that only begins alike does not', () => {
  const mounts = odbfsMounts(TABLE);
  assert.equal(mountHolding('/home/u/OneDrive/a/../b', mounts)?.account, 'contoso');
  assert.equal(mountHolding('/home/u/OneDrive/inner/x', mounts)?.account, null);
  assert.equal(mountHolding('/home/u/OneDriveX', mounts), undefined);
  assert.equal(mountAt('/home/u/OneDrive/', mounts)?.account, 'contoso');
  assert.equal(mountAt('/home/u', mounts), undefined);
});

test('a link to a mount is the mount', (context) => {
  const folder = realpathSync(temporaryFolder(context));
  symlinkSync('mount', join(folder, 'link'));
  symlinkSync(join(folder, 'link'), join(folder, 'second'));
  symlinkSync('loop', join(folder, 'loop'));
  const mounts = [{ mountpoint: join(folder, 'mount'), account: 'contoso' }];
  assert.equal(mountAt(join(folder, 'link'), mounts)?.account, 'contoso');
  assert.equal(mountAt(join(folder, 'second'), mounts)?.account, 'contoso');
  assert.equal(mountAt(join(folder, 'loop'), mounts), undefined);
});
