/** What others wrote, on a server whose front ends show it some seconds after its change log (protocol notes 5.2.6). */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ContentStream, DriveError, type DriveItem } from '../../../src/drive/index.js';
import { ContentSource } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

const OPTIONS = { signal: new AbortController().signal, lane: 'interactive' } as const;
const NEW: DriveItem = {
  ...{ id: 'id', name: 'f', kind: 'file', size: 1, modifiedMs: 0, createdMs: 0, version: 'second' },
};
const STREAM: ContentStream = { version: 'second', totalSize: 1, offset: 0, body: (async function* () {})() };

/** The log told of the second version; `shown` is what a look at the file tells, and the first `lagging` reads are refused. */
function source(lagging: number, shown: string, mayLag = true) {
  const seen = { reads: 0, pauses: [] as number[], version: NEW.version };
  const drive = {
    read: async () => {
      seen.reads += 1;
      if (seen.reads <= lagging) throw new DriveError('changed', 'another version');
      return STREAM;
    },
  };
  const tree = {
    pathOf: () => '/f',
    peek: () => ({ ...NEW, version: seen.version }),
    mayLag: () => mayLag,
    refresh: async () => {
      seen.version = shown;
      return { ...NEW, version: shown };
    },
  };
  const clock = { now: () => 0, sleep: async (pauseMs: number) => void seen.pauses.push(pauseMs) };
  return { source: new ContentSource(drive, tree, clock), seen };
}

const read = (from: ContentSource) => from.read('id', 'second', null, OPTIONS);

test('a version that the log told of is waited for', async () => {
  const { source: lagging, seen } = source(3, 'second');
  assert.equal((await read(lagging)).version, 'second');
  assert.deepEqual(seen.pauses, [100, 200, 400]);
});

test('not for ever, not where it is older already, and not where no log told of it', async () => {
  const silent = source(99, 'second');
  await assert.rejects(read(silent.source), { kind: 'changed' });
  assert.equal(silent.seen.pauses.length, 5);
  const older = source(99, 'third');
  await assert.rejects(read(older.source), { kind: 'changed' });
  const untold = source(99, 'second', false);
  await assert.rejects(read(untold.source), { kind: 'changed' });
  assert.deepEqual([...older.seen.pauses, ...untold.seen.pauses], []);
});

test('a size that is not that of the bytes which are here is not told to the kernel', async (t: TestContext) => {
  const world = await FileSystemWorld.open();
  t.after(() => world.close());
  const { server } = world.drive;
  server.write('/f', 'first');
  await world.caughtUp();
  assert.equal(await world.kernel.readFile('/f'), 'first');
  const item = server.item(server.find('/f')!);
  // The old ETag, and the size that is to come.
  world.drive.stat = async () => ({ ...item, size: 9 });
  await world.tree.refresh(item.id, { ...OPTIONS, maxAgeMs: 0 });
  const file = await world.kernel.open('/f');
  await world.kernel.close(file);
  assert.equal((await world.kernel.stat('/f')).size, 5);
});
