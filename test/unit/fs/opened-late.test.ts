/**
 * The kernel looks a name up and opens what it was: two requests, between which another file may be renamed onto the name.
 * On a local disk the open still gets the file that was looked up.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import type { NodeId } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import { READ_ONLY } from '../../support/kernel-double.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

async function openNode(node: NodeId): Promise<string> {
  const { kernel } = world;
  const { handle } = await kernel.call('open', { node, flags: READ_ONLY });
  const bytes = await kernel.call('read', { node, handle, offset: 0, size: 100 });
  await kernel.call('flush', { node, handle });
  await kernel.call('release', { node, handle });
  return Buffer.from(bytes).toString();
}

async function replaced(): Promise<NodeId> {
  const { kernel } = world;
  const node = await kernel.node('/f');
  await kernel.writeFile('/g', 'later');
  await kernel.rename('/g', '/f');
  return node;
}

test('who looked a file up before it was replaced opens it, though nobody else has its bytes', async () => {
  await world.kernel.writeFile('/f', 'before');
  const node = await replaced();
  assert.equal(await openNode(node), 'before');
  assert.equal(await world.kernel.readFile('/f'), 'later');
  await world.settled();
  assert.equal(world.drive.server.text('/f'), 'later');
});

test('the same for a file that the server has', async () => {
  world.drive.server.write('/f', 'before');
  await world.followed();
  await world.caughtUp();
  const node = await replaced();
  assert.equal(await openNode(node), 'before');
});

/** Other descriptors of this process come and go by themselves. */
function openPayloads(): number {
  const isPayload = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('/payloads/');
    } catch {
      return false;
    }
  };
  return readdirSync('/proc/self/fd').filter(isPayload).length;
}

test('its bytes are held no longer than the kernel knows it', async () => {
  const { fs, kernel } = world;
  const before = openPayloads();
  await kernel.writeFile('/f', 'before');
  const node = await replaced();
  assert.equal(openPayloads(), before + 1);
  fs.forget(node, Number.MAX_SAFE_INTEGER);
  assert.equal(openPayloads(), before);
});
