/** A page of the change log comes late: others have emptied a folder since, and we have removed it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FOREVER, openTreeBench } from '../support/cache-tree.js';

test('a page puts an item into a folder that others have taken it out of since, and that we removed then', async (t) => {
  const bench = await openTreeBench();
  t.after(() => bench.close());
  const { drive, tree, told } = bench;
  const { server } = drive;
  for (const path of ['/x', '/c']) server.makeFolder(path);
  await bench.follow();
  const { id } = server.write('/c/file', 'theirs');
  await tree.pollNow(FOREVER);
  server.move('/c/file', '/x/file');
  const shown: (string | undefined)[] = [];
  drive.beforeCall = ({ name }) => {
    if (name === 'stat') shown.push(tree.pathOf(id));
  };
  drive.afterCall = ({ name }) => {
    if (name !== 'changes') return;
    drive.afterCall = () => {};
    server.move('/x/file', '/c/file');
    const folder = server.item(server.find('/x')!);
    server.remove('/x');
    tree.unlearn(folder.id);
  };
  await tree.pollNow(FOREVER);
  assert.deepEqual(new Set([...shown, tree.pathOf(id)]), new Set(['/c/file']));
  assert.ok(shown.length > 0, 'it was looked for');
  assert.ok(!told.some(({ kind }) => kind === 'removed'));
  assert.deepEqual(bench.complaints, []);
});
