/** "lseek with SEEK_DATA/HOLE": the holes of what is here, and none where nobody can know. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

const MIB = 1024 * 1024;
const BLOCK = 64 * 1024;

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

async function seek(file: Descriptor, offset: number, whence: 'data' | 'hole'): Promise<number | string> {
  try {
    return await world.kernel.call('lseek', { ...file, offset, whence });
  } catch (error) {
    if (error instanceof FsError) return error.errno;
    throw error;
  }
}

/** A block of data at 4 MiB, and nothing else of 8 MiB. */
async function makeSparse(path: string): Promise<void> {
  const file = await world.kernel.create(path);
  await world.kernel.write(file, 4 * MIB, Buffer.alloc(BLOCK, 'x'));
  const changes = { size: 8 * MIB, killPrivileges: false };
  await world.kernel.call('setattr', { ...file, changes });
  await world.kernel.close(file);
}

async function placesOf(path: string): Promise<(number | string)[]> {
  const file = await world.kernel.open(path);
  const places = [
    await seek(file, 0, 'data'),
    await seek(file, 0, 'hole'),
    await seek(file, 4 * MIB, 'hole'),
    await seek(file, 5 * MIB, 'data'),
    await seek(file, 8 * MIB, 'hole'),
    await seek(file, -1, 'data'),
  ];
  await world.kernel.close(file);
  return places;
}

const HOLES = [4 * MIB, 0, 4 * MIB + BLOCK, 'ENXIO', 'ENXIO', 'ENXIO'];
const ALL_DATA = [0, 8 * MIB, 8 * MIB, 5 * MIB, 'ENXIO', 'ENXIO'];

test('a file that is owed has its holes, and keeps them when it was sent', async () => {
  await makeSparse('/f');
  assert.deepEqual(await placesOf('/f'), HOLES);
  await world.settled();
  assert.deepEqual(await placesOf('/f'), HOLES);
});

test('what is not here is data', async () => {
  world.drive.server.write('/f', Buffer.alloc(8 * MIB));
  await world.caughtUp();
  assert.deepEqual(await placesOf('/f'), ALL_DATA);
});

test('while somebody may write through a mapping no hole is certain', async () => {
  await makeSparse('/f');
  const writer = await world.kernel.open('/f', { access: 'read-write' });
  assert.deepEqual(await placesOf('/f'), ALL_DATA);
  await world.kernel.close(writer);
  assert.deepEqual(await placesOf('/f'), HOLES);
});
