/** Others fill the disk of the cache: what the server tells is noted all the same, and reading goes on. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog, Metrics, TaskGroup } from '../../src/base/index.js';
import { openRemoteTree } from '../../src/cache/index.js';
import { NEVER, openContentBench, pattern } from '../support/cache-content.js';
import { asking, FOREVER } from '../support/cache-tree.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryDrive } from '../support/memory-drive.js';
import { noSmallDisk, SmallDisk } from '../support/small-disk.js';

const MIB = 1024 * 1024;
const DISK_BYTES = 64 * MIB;
const FILES = 6_000;

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !condition(); turn += 1) await nextTurn();
  assert.ok(condition());
}

test('what others change is shown though the disk of the cache is full', { skip: noSmallDisk }, async () => {
  const disk = new SmallDisk(DISK_BYTES);
  const clock = new FakeClock();
  const drive = new MemoryDrive({ now: () => clock.now() });
  const complaints: string[] = [];
  const log = createLog('warn', { write: (line) => complaints.push(line) });
  const tree = await openRemoteTree({ cacheDir: disk.folder, drive, clock, log, metrics: new Metrics() });
  const tasks = new TaskGroup(log);
  try {
    tree.start(tasks);
    await until(() => tree.statistics.complete);
    await clock.run(10_000);
    await until(() => statSync(join(disk.folder, 'tree.sqlite')).size >= MIB);
    disk.fill();
    drive.server.makeFolder('/new');
    for (let index = 0; index < FILES; index += 1) drive.server.write(`/new/file ${index}`, 'x');
    await tree.pollNow(FOREVER);
    const folder = await tree.lookup(tree.root, 'new', asking());
    assert.ok(folder);
    assert.ok(await tree.lookup(folder.id, `file ${FILES - 1}`, asking()));
    assert.deepEqual(complaints, []);
  } finally {
    await tasks.stop();
    await tree.close();
    disk.remove();
  }
});

test('a disk that was full from the start: what is read is right, and is recorded once there is room', {
  skip: noSmallDisk,
}, async () => {
  const disk = new SmallDisk(DISK_BYTES);
  const bench = await openContentBench({ cacheDir: disk.folder });
  try {
    const bytes = pattern(3 * MIB);
    bench.served.set('item', { version: 'v1', bytes });
    const content = bench.cache.open('item', 'v1', bytes.length);
    assert.deepEqual(Buffer.from(await content.read(0, MIB, NEVER)), Buffer.from(bytes.subarray(0, MIB)));
    disk.fill();
    await bench.clock.run(5_000);
    assert.deepEqual(
      Buffer.from(await content.read(2 * MIB, MIB, NEVER)),
      Buffer.from(bytes.subarray(2 * MIB)),
    );
    await bench.clock.run(5_000);
    disk.empty();
    await bench.clock.run(5_000);
    content.close();
    await bench.idle();
    await bench.restart();
    assert.ok(bench.cache.statistics.bytes > 0, 'recorded');
    assert.deepEqual(bench.complaints, []);
  } finally {
    await bench.cache.close();
    disk.remove();
  }
});
