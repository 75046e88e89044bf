/** A file larger than all of the cache: it is read right, asked for once by whoever reads or changes it, and stays within bounds. */
import assert from 'node:assert/strict';
import { sharedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const MIB = 1024 * 1024;
const SIZE = 160 * MIB;
const onDrive = sharedDrive({ options: ['poll=1', 'cache_size=48M'] });
const LIMIT = { timeout: 120_000, skip: missingPrograms('sha256sum', 'dd', 'du', 'curl') };

onDrive('a file that is larger than the cache is fetched once and read right', LIMIT, async (drive) => {
  await drive.server.control('seed', { entries: [{ path: 'large.bin', size: SIZE, pattern: 7 }] });
  await drive.shell('until test -e large.bin; do sleep 0.2; done');
  await drive.forgetRequests();
  const { sha256 } = await drive.remote('large.bin');
  const sum = async (script: string) => (await drive.shell(script)).split(' ')[0];
  assert.equal(await sum('sha256sum < large.bin'), sha256);
  const { bytesOut } = await drive.server.control<{ bytesOut: number }>('counts');
  assert.ok(bytesOut < SIZE * 1.25, `${bytesOut} bytes for ${SIZE}`);
  const twice = 'dd if=large.bin bs=1M iflag=direct status=none | sha256sum';
  const both = await drive.shell(`(${twice}) & (${twice}) & wait`);
  assert.deepEqual(both.match(/[0-9a-f]{64}/g), [sha256, sha256]);
  const kept = Number((await drive.shell(`du -sm "${drive.account.home.folder}/cache"`)).split('\t')[0]);
  assert.ok(kept < 80, `${kept} MiB on the disk`);
});

onDrive(
  'what is larger than the cache can be appended to, and stays readable for who removed it',
  LIMIT,
  async (drive) => {
    await drive.server.control('seed', { entries: [{ path: 'grows.bin', size: SIZE, pattern: 9 }] });
    await drive.shell('until test -e grows.bin; do sleep 0.2; done');
    await drive.forgetRequests();
    await drive.shell('printf more >> grows.bin');
    const { bytesOut } = await drive.server.control<{ bytesOut: number }>('counts');
    assert.ok(bytesOut < SIZE * 1.25, `${bytesOut} bytes for ${SIZE}`);
    await drive.flush();
    const { size, sha256 } = await drive.remote('grows.bin');
    assert.equal(size, SIZE + 4);
    const gone =
      'while test "$(curl -s -d \'{"path": "grows.bin"}\' "$HAS")" != \'{"result":false}\'; do sleep 0.2; done';
    const url = new URL('/__standin/has', drive.server.url).href;
    const sum = await drive.shell(`exec 3< grows.bin; rm grows.bin; HAS='${url}'; ${gone}; sha256sum <&3`);
    assert.equal(sum.split(' ')[0], sha256);
  },
);
