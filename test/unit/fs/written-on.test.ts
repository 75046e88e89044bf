/** A file that stays open while its bytes are sent, and is written again when somebody else has changed it: theirs stay. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

let world: FileSystemWorld;
let file: Descriptor;

beforeEach(async () => {
  world = await FileSystemWorld.open();
  world.drive.server.makeFolder('/d');
  world.drive.server.write('/d/f', 'old');
  await world.caughtUp();
  file = await world.kernel.open('/d/f', { access: 'read-write' });
});
afterEach(() => world.close());

async function write(text: string): Promise<void> {
  const { size } = (await world.kernel.call('getattr', { ...file })).attributes;
  await world.kernel.write(file, size, text);
  await world.kernel.call('fsync', { ...file, dataOnly: false });
}

async function contents(): Promise<string[]> {
  await world.kernel.close(file);
  await world.settled();
  const files = world.drive.server.all().filter(({ kind }) => kind === 'file');
  return files.map(({ content }) => Buffer.from(content).toString()).sort();
}

test('after its bytes became a conflict copy', async () => {
  await write(' mine');
  world.drive.server.write('/d/f', 'theirs');
  await world.settled();
  await world.caughtUp();
  await write(' more');
  assert.deepEqual(await contents(), ['old mine', 'old mine more', 'theirs']);
  assert.equal(world.drive.server.text('/d/f'), 'theirs');
});

test('after its bytes had arrived', async () => {
  await write(' mine');
  await world.settled();
  world.drive.server.write('/d/f', 'theirs');
  await world.caughtUp();
  await write(' more');
  assert.deepEqual(await contents(), ['old mine more', 'theirs']);
  assert.equal(world.drive.server.text('/d/f'), 'theirs');
});

test('by nobody else: there is one version after the other, also when its time was set in between', async () => {
  await write(' mine');
  await world.settled();
  const changes = { modified: { seconds: 1_000_000, nanoseconds: 0 }, killPrivileges: false };
  await world.kernel.call('setattr', { ...file, changes });
  await world.settled();
  await write(' more');
  await world.settled();
  await write(' again');
  assert.deepEqual(await contents(), ['old mine more again']);
});
