/** A server that shows, for a moment after we wrote, what was there before (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError, type DriveItem } from '../../../src/drive/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { type MemoryNode, MemoryServer } from '../../support/memory-server.js';

class LaggingServer extends MemoryServer {
  /** What is shown instead of the item as it is. */
  old: DriveItem | null = null;

  override item(node: MemoryNode): DriveItem {
    return this.old?.id === node.id ? this.old : super.item(node);
  }
}

test('our own version is no conflict, though nobody here was told of it and the server shows it for longer than it is', {
  timeout: 60_000,
}, async () => {
  const server = new LaggingServer();
  const world = await FileSystemWorld.open({ server, follow: false });
  const { kernel, drive } = world;
  // The daemon's own pauses keep no process alive.
  const awake = setInterval(() => undefined, 1000);
  try {
    await kernel.writeFile('/doc', 'first');
    let first: DriveItem | null = null;
    let edited = Promise.resolve();
    drive.afterCall = ({ name, path }) => {
      if (name !== 'upload' || first !== null) return;
      first = server.item(server.find(path)!);
      edited = kernel.writeFile('/doc', 'second');
      throw new DriveError('unreachable', 'the test cut the line');
    };
    await world.settled();
    await edited;
    await world.settled();
    assert.equal(server.text('/doc'), 'second');
    server.old = first;
    await world.tree.refresh(first!.id, {
      signal: AbortSignal.timeout(10_000),
      lane: 'interactive',
      maxAgeMs: 0,
    });
    await kernel.writeFile('/doc.tmp', 'third');
    await kernel.rename('/doc.tmp', '/doc');
    server.old = null;
    await world.settled();
    assert.deepEqual(await kernel.list(''), ['doc']);
    assert.equal(server.text('/doc'), 'third');
  } finally {
    clearInterval(awake);
    await world.close();
  }
});
