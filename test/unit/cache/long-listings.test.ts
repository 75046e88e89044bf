/** Long listings are stored while they arrive, and what goes on in the background makes way for whoever waits for one. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { ListingPage } from '../../../src/drive/index.js';
import { list, openTreeBench, serverTree, type TreeBench, walk } from '../../support/cache-tree.js';

const FILES = 1_500;
/** So many have arrived when the rest keeps everybody waiting. */
const ARRIVED = 1_000;
/** The snapshot makes way for so long. */
const LONGEST_WAIT_MS = 2_000;
/** And while whoever waited reads it. */
const READING_MS = 250;
let bench: TreeBench;
/** What of the listing is held back arrives, or never does. */
let goOn: (failure?: Error) => void;

beforeEach(async () => {
  bench = await openTreeBench();
  bench.drive.server.makeFolder('/large');
  for (let file = 0; file < FILES; file += 1) bench.drive.server.write(`/large/${file}`, '');
  const rest = new Promise<void>((resolve, reject) => {
    goOn = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  const all = bench.drive.list.bind(bench.drive);
  bench.drive.list = (path, options) =>
    path === '/large' ? held(all(path, options), rest) : all(path, options);
});
afterEach(async () => {
  await bench.close();
  assert.deepEqual(bench.complaints, []);
});

async function* held(pages: AsyncIterable<ListingPage>, rest: Promise<void>): AsyncIterable<ListingPage> {
  let arrived = 0;
  for await (const page of pages) {
    yield page;
    arrived += page.items.length;
    if (arrived === ARRIVED) await rest;
  }
}

/** Somebody waits for the large folder, most of which is here. */
async function waitForLarge() {
  const folder = (await list(bench.tree, bench.tree.root)).find(({ name }) => name === 'large')!.id;
  const listing = list(bench.tree, folder) as Promise<unknown[]>;
  await bench.idle();
  return { folder, listing };
}

test('what has arrived of a listing is known before the rest has', async () => {
  const { listing } = await waitForLarge();
  assert.ok(bench.tree.statistics.items > ARRIVED / 2);
  goOn();
  assert.equal((await listing).length, FILES);
});

test('a listing that breaks off is none, and what had arrived of it stays true', async () => {
  const { folder, listing } = await waitForLarge();
  goOn(new Error('broken'));
  await assert.rejects(listing, /broken/);
  assert.ok(bench.tree.statistics.items > ARRIVED / 2);
  const again = list(bench.tree, folder);
  assert.ok(again instanceof Promise, 'it is asked for once more');
  await assert.rejects(again, /broken/);
});

test('the snapshot makes way for who waits for a long listing, until that is there', async () => {
  const { listing } = await waitForLarge();
  bench.start();
  await bench.idle();
  assert.equal(bench.drive.count('currentToken'), 1);
  assert.equal(bench.drive.count('snapshot'), 0);
  goOn();
  await listing;
  await bench.idle();
  assert.equal(bench.drive.count('snapshot'), 0, 'it is read first');
  bench.clock.advance(READING_MS);
  await bench.follow();
  assert.deepEqual(await walk(bench.tree), serverTree(bench));
});

test('each page of the snapshot makes way for two seconds and no longer', async () => {
  await waitForLarge();
  bench.start();
  await bench.idle();
  bench.clock.advance(LONGEST_WAIT_MS - 1);
  await bench.idle();
  assert.equal(bench.drive.count('snapshot'), 0);
  bench.clock.advance(1);
  await bench.idle();
  assert.equal(bench.drive.count('snapshot'), 1, 'the next one makes way again');
  goOn();
  await bench.idle();
  bench.clock.advance(READING_MS);
  await bench.follow();
  assert.ok(bench.tree.statistics.complete);
});
