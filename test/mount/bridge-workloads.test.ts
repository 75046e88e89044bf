/** Other people's programs against the in-memory file system: fio verifies what it wrote, stress-ng and fs_mark try all else. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { besideNoMount } from '../support/beside-no-mount.js';
import { BridgeMount, type BridgeOptions } from '../support/bridge-mount.js';
import { assertQuiet } from '../support/bridge-scenarios.js';
import { missingPrograms } from '../support/programs.js';

const PATIENCE_MS = 120_000;
/** How a file's bytes may be served, each way with its own path through the bridge. */
const WAYS: Readonly<Record<string, BridgeOptions>> = {
  natively: {},
  'by the file system': { memory: { data: 'served' } },
  'by the kernel itself': { memory: { data: 'passthrough' }, session: { passthrough: true } },
  'with the writeback cache': { session: { writebackCache: true } },
};

/** Succeeds, or the test fails with what it said. */
async function run(command: string, words: readonly string[], folder: string): Promise<void> {
  const child = spawn(command, words, { cwd: folder, timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [0, null], `${command}: ${said}`);
}

/** Each job writes all of its file, then reads it back and compares checksums. */
const FIO_JOBS: readonly (readonly string[])[] = [
  ['--name=sequential', '--rw=write', '--bs=1M', '--size=32M', '--end_fsync=1'],
  ['--name=random', '--rw=randwrite', '--bs=4k', '--size=8M', '--numjobs=4'],
  ['--name=sizes', '--rw=randrw', '--bsrange=512-128k', '--bs_unaligned', '--size=8M', '--numjobs=2'],
  ['--name=mapped', '--rw=randwrite', '--bs=4k', '--size=8M', '--ioengine=mmap'],
  ['--name=direct', '--rw=randwrite', '--bs=16k', '--size=8M', '--direct=1'],
  ['--name=queued', '--rw=randwrite', '--bs=8k', '--size=8M', '--ioengine=libaio', '--iodepth=16'],
];

for (const [way, options] of Object.entries(WAYS)) {
  test(`fio finds what it wrote, data served ${way}`, { skip: missingPrograms('fio') }, async (context) => {
    const mount = await BridgeMount.start(context, options);
    const common = ['--verify=crc32c', '--verify_fatal=1', '--fallocate=none', '--output-format=terse'];
    for (const job of FIO_JOBS) await run('fio', [...common, '--directory=.', ...job], mount.path);
    await assertQuiet(mount);
  });
}

/** All that stress-ng calls file systems' business but hard links, which are refused here. */
const STRESSORS =
  'access,aio,chdir,chmod,chown,dentry,dir,dirdeep,dirmany,dup,fallocate,fcntl,filename,flock,fpunch,fsize,fstat,getdent,' +
  'hdd,inotify,io,iomix,lease,locka,lockf,lockofd,mknod,mmap,open,readahead,rename,seek,sendfile,splice,symlink,' +
  'sync-file,touch,utime,xattr';
const SMALL =
  'dirdeep-inodes=500,fallocate-bytes=8M,hdd-bytes=8M,iomix-bytes=4M,readahead-bytes=8M,seek-size=4M,sync-file-bytes=8M';

test('stress-ng finds no fault', { skip: missingPrograms('stress-ng') }, async (context) => {
  const mount = await BridgeMount.start(context);
  const stressors = STRESSORS.split(',').flatMap((name) => [`--${name}`, '1', `--${name}-ops`, '40']);
  const sizes = SMALL.split(',').flatMap((word) => `--${word}`.split('='));
  const common = ['--temp-path', mount.path, '--verify', '--timeout', '8', '--quiet'];
  const [program, ...words] = besideNoMount(mount.path, ['stress-ng', ...common, ...stressors, ...sizes]);
  await run(program, words, '/');
  await assertQuiet(mount);
});

test('fs_mark makes and removes its files', { skip: missingPrograms('fs_mark') }, async (context) => {
  const mount = await BridgeMount.start(context);
  for (const sync of ['0', '1', '3']) {
    const words = [
      '-d',
      'files',
      '-t',
      '4',
      '-n',
      '200',
      '-s',
      '10240',
      '-D',
      '8',
      '-S',
      sync,
      '-l',
      '/dev/null',
    ];
    await run('fs_mark', words, mount.path);
  }
  rmSync(join(mount.path, 'files'), { recursive: true, force: true });
  await assertQuiet(mount);
});
