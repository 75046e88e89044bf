/** The connection breaks in the middle of a listing. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError, type ListingPage } from '../../../src/drive/index.js';
import { list, openTreeBench, type TreeBench } from '../../support/cache-tree.js';

const FILES = 300;
let bench: TreeBench;

beforeEach(async () => {
  bench = await openTreeBench();
  bench.drive.server.makeFolder('/large');
  for (let file = 0; file < FILES; file += 1) bench.drive.server.write(`/large/${file}`, '');
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

async function* broken(pages: AsyncIterable<ListingPage>): AsyncIterable<ListingPage> {
  for await (const page of pages) {
    yield page;
    throw new DriveError('unreachable', 'the connection failed: ECONNRESET');
  }
}

/** The first listings of the large folder break; gives what was asked for. */
function breakOf(times: number): () => Promise<readonly unknown[]> {
  const all = bench.drive.list.bind(bench.drive);
  let asked = 0;
  bench.drive.list = (path, options) => {
    if (path !== '/large') return all(path, options);
    asked += 1;
    return asked <= times ? broken(all(path, options)) : all(path, options);
  };
  return async () => {
    const folder = (await list(bench.tree, bench.tree.root)).find(({ name }) => name === 'large')!.id;
    return list(bench.tree, folder);
  };
}

test('it is asked for once more, and whoever waits gets the whole', async () => {
  const asked = breakOf(2);
  assert.equal((await asked()).length, FILES);
});

test('where that never ends, whoever waits is told', async () => {
  const asked = breakOf(Number.POSITIVE_INFINITY);
  await assert.rejects(asked(), { kind: 'unreachable' });
});
