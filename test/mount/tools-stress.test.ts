/** fio with --verify, and stress-ng's file-system class: what others use to find file systems that lose bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideNoMount } from '../support/beside-no-mount.js';
import { MountedDrive } from '../support/mounted-drive.js';
import { missingPrograms } from '../support/programs.js';

const FIO = `fio --directory=. --size=12m --verify=crc32c --verify_fatal=1 --verify_state_save=0 --output-format=terse --minimal`;

test('fio finds what it wrote: at random, in sequence, mapped, over a remount with a cold cache', {
  timeout: 200_000,
  skip: missingPrograms('fio'),
}, async (t) => {
  const drive = await MountedDrive.start(t);
  const jobs = [
    '--name=random --rw=randwrite --bs=4k --ioengine=psync',
    '--name=mixed --rw=randrw --bsrange=1k-64k --ioengine=psync --fsync=64',
    '--name=sequence --rw=write --bs=128k --ioengine=psync --numjobs=2',
    '--name=mapped --rw=randwrite --bs=4k --ioengine=mmap',
  ];
  for (const job of jobs) await drive.shell(`${FIO} ${job} >/dev/null`);
  await drive.unmount();
  drive.forgetContent();
  await drive.mount();
  await drive.shell(`sha256sum * > "$L/sums"; ${FIO} ${jobs[2]} --verify_only >/dev/null`);
  const sums = (await drive.shell('cat "$L/sums"')).trim().split('\n');
  const onServer = new Map((await drive.tree()).map(({ path, sha256 }) => [path, sha256]));
  for (const line of sums) {
    const [sum, name] = line.split(/\s+/);
    assert.equal(onServer.get(name!), sum, name);
  }
});
/** What stress-ng answers when a stressor has nothing to try here (hard links, binderfs, verity). */
const SOME_NOT_OFFERED = 3;

test('the file-system class of stress-ng, a second each, fails at nothing', {
  timeout: 280_000,
  skip: missingPrograms('stress-ng'),
}, async (t) => {
  // It leaves many removals owed; the test does not wait until the server has them.
  const drive = await MountedDrive.start(t, { warnings: /still (owed|to be sent)/ });
  const options = '--class filesystem --sequential 1 --timeout 1s --verify --no-rand-seed --temp-path';
  const words = besideNoMount(drive.mountpoint, ['stress-ng', ...options.split(' '), drive.mountpoint]);
  const script = words.map((word) => `'${word}'`).join(' ');
  const { code, out } = await drive.attempt(`${script} 2>&1`, 240);
  assert.ok(code === 0 || code === SOME_NOT_OFFERED, `exit ${code}:\n${out}`);
  assert.doesNotMatch(out, /stress-ng: (fail|error)/);
  assert.equal(await drive.shell('ls -A'), '', 'it took away all that it had made');
});
