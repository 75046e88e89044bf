/** The process whose system calls are recorded: one file is written and synced, then it says so. */
import { writeSync } from 'node:fs';
import { ROOT_INO } from '../../src/spool/index.js';
import { SpoolBench } from './spool-bench.js';

async function main(stateDir: string): Promise<void> {
  const bench = new SpoolBench(stateDir, {});
  await bench.open();
  const ino = await bench.file(ROOT_INO, 'precious', 'x'.repeat(10_000));
  await bench.spool.sync(ino);
  writeSync(1, 'SYNCED ONE\n');
  for (let count = 0; count < 3; count += 1) await bench.file(ROOT_INO, `more ${count}`, 'y');
  await bench.spool.sync();
  writeSync(1, 'SYNCED ALL\n');
  await bench.spool.close();
}

if (process.argv[1]?.endsWith('spool-sync-subject.js')) await main(process.argv[2]!);
