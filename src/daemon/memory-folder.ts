/**
 * A folder of an account that is in memory alone and ends with the machine's run at the latest: for sign-ins that shall
 * never be on a disk, sealed or not. All processes of the person see it, as they see the one on disk.
 */
import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.js';
import { makePrivateFolder, type Paths } from './paths.js';

/** File systems without a disk behind them, by their magic numbers: tmpfs, ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

export function memoryFolder(account: string, { runtime }: Pick<Paths, 'runtime'>): string {
  const parents = [runtime, `/dev/shm/odbfs-${process.getuid?.() ?? 0}`];
  const parent = parents.find((path) => isInMemory(dirname(path)));
  if (parent !== undefined) return makePrivateFolder(join(makePrivateFolder(parent), `${account}.sign-in`));
  throw new Failure(
    'failed',
    `no folder in memory to keep the sign-in in: neither ${parents.join(' nor ')} is on a tmpfs`,
  );
}

function isInMemory(path: string): boolean {
  try {
    return IN_MEMORY.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
