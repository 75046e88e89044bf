/** SEMANTICS: "What the server has nowhere, or only in a version of somebody else's, is `ESTALE` for who has it open." */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSystemWorld } from '../../support/file-system-world.js';

/** What is larger is not fetched by who opens it. */
const LARGE = 'x'.repeat(2 * 1024 * 1024);
const STALE = { errno: 'ESTALE' };

test('what others removed before its bytes were here is not there for who writes to it, either', async (t) => {
  const world = await FileSystemWorld.open();
  t.after(() => world.close());
  world.drive.server.write('/f', LARGE);
  await world.caughtUp();
  const file = await world.kernel.open('/f', { access: 'read-write' });
  world.drive.server.remove('/f');
  await assert.rejects(world.kernel.write(file, 0, 'mine'), STALE);
  await assert.rejects(world.kernel.call('setattr', { ...file, changes: { size: 5 } }), STALE);
  await world.kernel.close(file);
});
