/** Whose group what is made belongs to (inode(7), "the set-group-ID bit"). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

async function change(
  path: string,
  changes: { readonly mode?: number; readonly gid?: number },
): Promise<void> {
  await world.kernel.call('setattr', { node: await world.kernel.node(path), handle: null, changes });
}

test('what is made in a folder with the set-group-id bit is its group, and folders there have the bit', async () => {
  const { kernel } = world;
  await kernel.mkdir('/plain');
  await kernel.mkdir('/shared');
  await change('/plain', { gid: 77 });
  await change('/shared', { gid: 77, mode: 0o2775 });
  for (const folder of ['/plain', '/shared']) {
    await kernel.writeFile(`${folder}/file`, 'x');
    await kernel.mkdir(`${folder}/below`);
  }
  await kernel.symlink('file', '/shared/link');
  const { gid } = await kernel.stat('/plain/file');
  assert.notEqual(gid, 77);
  assert.equal((await kernel.stat('/plain/below')).mode, 0o40755);
  const made = await Promise.all(['file', 'below', 'link'].map((name) => kernel.stat(`/shared/${name}`)));
  assert.deepEqual(
    made.map((attributes) => [attributes.gid, attributes.mode]),
    [
      [77, 0o100644],
      [77, 0o42755],
      [77, 0o120777],
    ],
  );
});
