/**
 * Copies by the server whose answer was lost, of contents that are compared by samples only: the same bytes are written
 * here then, and meet what the server had copied all the same.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';
import type { Descriptor } from '../../support/kernel-double.js';

const BYTES = Buffer.alloc(6 * 1024 * 1024, 'a large content ');
let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open({ spoolLimits: { comparedBytes: 1024 } });
  world.drive.server.write('/source', BYTES);
  await world.caughtUp();
});
afterEach(() => world.close());

function loseAnswer(isCopied: boolean): void {
  const lose = ({ name }: { readonly name: string }) => {
    if (name === 'copy') throw new DriveError('unreachable', 'the answer was lost');
  };
  if (isCopied) world.drive.afterCall = lose;
  else world.drive.beforeCall = lose;
}

/** What the kernel does: after the server's copy has failed it copies by itself. Resolves with the new file, open. */
async function copied(): Promise<Descriptor> {
  const source = await world.kernel.open('/source');
  const target = await world.kernel.create('/target');
  const { handle: targetHandle, node: targetNode } = target;
  const all = { offset: 0, targetOffset: 0, length: BYTES.length };
  await assert.rejects(
    world.kernel.call('copyFileRange', { ...source, targetHandle, targetNode, ...all }),
    (error) => error instanceof FsError && error.errno === 'EOPNOTSUPP',
  );
  for (let at = 0; at < BYTES.length; at += 1024 * 1024)
    await world.kernel.write(target, at, await world.kernel.read(source, at, 1024 * 1024));
  await world.kernel.close(source);
  return target;
}

function contents(): Record<string, number> {
  const { server } = world.drive;
  return Object.fromEntries(server.children('/').map(({ path, content }) => [path, content.length]));
}

async function expectTarget(bytes: Buffer): Promise<void> {
  await world.settled();
  assert.equal(world.spool.statistics.conflicts, 0);
  assert.ok(Buffer.from(world.drive.server.find('/target')!.content).equals(bytes));
}

for (const isCopied of [true, false]) {
  const what = isCopied ? 'made all the same' : 'never made';
  test(`a large copy whose answer was lost, and that was ${what}, is one file`, async () => {
    loseAnswer(isCopied);
    await world.kernel.close(await copied());
    await expectTarget(BYTES);
    assert.deepEqual(contents(), { '/source': BYTES.length, '/target': BYTES.length });
  });
}

test('also where the source is removed before the copy is sent', async () => {
  loseAnswer(true);
  await world.kernel.close(await copied());
  await world.kernel.unlink('/source');
  await expectTarget(BYTES);
  assert.deepEqual(contents(), { '/target': BYTES.length });
});

test('also where somebody replaces the source before the copy is sent', async () => {
  loseAnswer(true);
  await world.kernel.close(await copied());
  world.drive.server.write('/source', 'theirs');
  await world.caughtUp();
  await expectTarget(BYTES);
  assert.deepEqual(contents(), { '/source': 6, '/target': BYTES.length });
});

for (const isCut of [false, true]) {
  const also = isCut ? ', also after an upload that was cut' : '';
  test(`what was written into it since, where no sample was taken, replaces what the server copied${also}`, async () => {
    loseAnswer(true);
    const target = await copied();
    const offset = 300 * 1024;
    await world.kernel.write(target, offset, 'changed');
    await world.kernel.close(target);
    await world.kernel.unlink('/source');
    let isToBeCut = isCut;
    world.drive.beforeCall = ({ name }) => {
      if (name !== 'upload' || !isToBeCut) return;
      isToBeCut = false;
      throw new DriveError('unreachable', 'cut');
    };
    const changed = Buffer.from(BYTES);
    changed.write('changed', offset);
    await expectTarget(changed);
  });
}

test("somebody else's file of the same size is theirs", async () => {
  const theirs = Buffer.alloc(BYTES.length, 'theirs');
  world.drive.beforeCall = ({ name }) => {
    if (name !== 'copy') return;
    world.drive.server.write('/target', theirs);
    throw new DriveError('unreachable', 'the answer was lost');
  };
  await world.kernel.close(await copied());
  await world.settled();
  assert.equal(world.spool.statistics.conflicts, 1);
  assert.ok(Buffer.from(world.drive.server.find('/target')!.content).equals(theirs));
});
