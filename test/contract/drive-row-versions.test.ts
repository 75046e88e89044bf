/** Rows of the library that tell of its files, their versions above all, in their own way, or not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/base/index.js';
import type { PlacedItem } from '../../src/drive/index.js';
import { BULK, driveOn, kind, type StandinDrive, standinDrive, wayMemory } from '../support/drive-fixture.js';

const stats = ({ standin }: StandinDrive) =>
  standin.control.log.entries.filter(({ method }) => method === 'PROPFIND').length;

for (const refused of ['', 'GetListItemChangesSinceToken']) {
  const how = refused === '' ? 'one change log' : 'the other';
  test(`a counter that is the one in the ETag is believed once it was compared, with ${how}`, async (context) => {
    const ways = wayMemory();
    const found = await standinDrive(context, { ways });
    found.standin.control.set({ rowVersions: 'counter', refusedServices: refused });
    const tree = found.drive.tree!;
    const token = await tree.currentToken(BULK);
    for (const text of ['one', 'other']) found.standin.control.drive().write('a.txt', Buffer.from(text));
    const { version } = await found.drive.stat('/a.txt', BULK);
    const versionsIn = async () => {
      const { changes } = await tree.changes(token, BULK);
      return changes.map((change) => (change.kind === 'put' ? change.placed.item.version : change.id));
    };
    assert.deepEqual(await versionsIn(), [version]);
    found.standin.control.log.clear();
    assert.deepEqual(await versionsIn(), [version]);
    const snapshot = await tree.snapshot(null, BULK);
    assert.deepEqual(
      snapshot.items.map(({ item }) => item.version),
      [version],
    );
    assert.equal(stats(found), 0, 'compared once');
    const again = await driveOn(context, found.standin, { ways });
    found.standin.control.log.clear();
    await again.drive.tree!.snapshot(null, BULK);
    assert.equal(stats(again), 0, 'and remembered');
  });
}

/** Patience with an answer that lags behind is not what is tried here. */
const NO_PAUSES = { ...systemClock, sleep: async () => {} };

for (const rowVersions of ['other', 'missing'])
  for (const refusedServices of ['', 'GetListItemChangesSinceToken']) {
    const log = refusedServices === '' ? 'one change log' : 'the other';
    test(`where rows tell of versions what is ${rowVersions}, the items are asked, with ${log}`, async (context) => {
      const ways = wayMemory();
      const found = await standinDrive(context, { ways, clock: NO_PAUSES });
      found.standin.control.set({ rowVersions, refusedServices });
      const tree = found.drive.tree!;
      const token = await tree.currentToken(BULK);
      await found.drive.makeDirectory('/folder', BULK);
      const files = found.standin.control.drive();
      for (const text of ['one', 'two']) files.write('folder/a.txt', Buffer.from(text));
      files.write('gone.txt', Buffer.from('x'));
      files.remove('gone.txt');
      const { changes } = await tree.changes(token, BULK);
      const told = changes.map((change) => (change.kind === 'put' ? change.placed : 'removed'));
      const paths = ['/folder', '/folder/a.txt'];
      const asked = paths.map(async (path) => ({ path, item: await found.drive.stat(path, BULK) }));
      assert.deepEqual(told, ['removed', ...(await Promise.all(asked))]);
      const { items, unversioned } = await tree.snapshot(null, BULK);
      assert.deepEqual(items, []);
      assert.deepEqual(unversioned.map(({ path }) => path).sort(), paths);
      const { version: _, ...file } = await found.drive.stat('/folder/a.txt', BULK);
      assert.deepEqual(unversioned.find(({ path }) => path === '/folder/a.txt')?.item, file);
      const again = await driveOn(context, found.standin, { ways });
      found.standin.control.log.clear();
      assert.equal((await again.drive.tree!.snapshot(null, BULK)).unversioned.length, 2);
      assert.equal(stats(again), rowVersions === 'other' ? 0 : stats(again), 'remembered');
    });
  }

test('for how long a front end may lag is waited once, however many rows are not there', async (context) => {
  let passedMs = 0;
  const clock = {
    ...systemClock,
    monotonic: () => passedMs,
    sleep: async (milliseconds: number) => {
      passedMs += milliseconds;
    },
  };
  const found = await standinDrive(context, { ways: wayMemory(), clock });
  found.standin.control.set({ rowVersions: 'missing', visibilityLagMs: 3_600_000 });
  const tree = found.drive.tree!;
  const token = await tree.currentToken(BULK);
  for (let n = 0; n < 30; n += 1) found.standin.control.drive().write(`f${n}.txt`, Buffer.from('x'));
  const { changes } = await tree.changes(token, BULK);
  assert.ok(changes.every((change) => change.kind === 'unplaced'));
  assert.ok(passedMs <= 7_000, `${passedMs} ms`);
});

test('of many changes in one folder the versions come with its listing', async (context) => {
  const found = await standinDrive(context);
  found.standin.control.set({ rowVersions: 'missing' });
  const tree = found.drive.tree!;
  const token = await tree.currentToken(BULK);
  await found.standin.control.drive().fill({ folders: 1, filesPerFolder: 60, size: 1 });
  found.standin.control.log.clear();
  const { changes } = await tree.changes(token, BULK);
  assert.equal(changes.length, 61);
  assert.equal(stats(found), 2, 'the folder itself, and what is in it');
});

test('a change that the front end does not show yet is waited for: the log tells of it once', async (context) => {
  const found = await standinDrive(context);
  found.standin.control.set({ rowVersions: 'missing' });
  const tree = found.drive.tree!;
  const token = await tree.currentToken(BULK);
  found.standin.control.drive().write('a.txt', Buffer.from('one'));
  found.standin.control.set({ staleVersionMs: 300, visibilityLagMs: 300 });
  found.standin.control.drive().write('b.txt', Buffer.from('new'));
  const { changes } = await tree.changes(token, BULK);
  const told = changes.flatMap((change) => (change.kind === 'put' ? change.placed.path : []));
  assert.deepEqual(told.sort(), ['/a.txt', '/b.txt']);
});

/** More than are looked at one by one. */
const MANY = 51;
const GAPS = ['times', 'sizes', 'kinds', 'identities'];

for (const rowGaps of GAPS) {
  test(`rows without ${rowGaps} that a machine can read are not believed`, async (context) => {
    const ways = wayMemory();
    const found = await standinDrive(context, { ways });
    const token = await found.drive.tree!.currentToken(BULK);
    found.standin.control.set({ rowGaps, refusedServices: 'GetListItemChangesSinceToken' });
    for (let file = 0; file < MANY; file += 1)
      found.standin.control.drive().write(`${file}.txt`, Buffer.from('b'));
    await assert.rejects(found.drive.tree!.changes(token, BULK), { name: 'ChangeTokenLost' });
    await assert.rejects(found.drive.tree!.currentToken(BULK), kind('denied'));
    const again = await driveOn(context, found.standin, { ways });
    await assert.rejects(again.drive.tree!.currentToken(BULK), kind('denied'), 'remembered');
    const other = await driveOn(context, found.standin);
    await assert.rejects(other.drive.tree!.snapshot(null, BULK), kind('denied'));
  });

  for (const refusedServices of ['', 'GetListItemChangesSinceToken']) {
    const log = refusedServices === '' ? 'one change log' : 'the other';
    test(`a few rows without ${rowGaps}: their items are asked for one by one, with ${log}`, async (context) => {
      const found = await standinDrive(context);
      found.standin.control.set({ rowGaps, rowGapsOf: 'odd', refusedServices });
      const tree = found.drive.tree!;
      const token = await tree.currentToken(BULK);
      const files = found.standin.control.drive();
      for (const name of ['a.txt', 'odd.txt', 'b.txt']) files.write(name, Buffer.from(name));
      files.makeFolder('odd folder');
      found.standin.control.log.clear();
      const { items } = await tree.snapshot(null, BULK);
      assert.equal(stats(found), rowGaps === 'sizes' ? 1 : 2, 'folders have no size');
      const { changes } = await tree.changes(token, BULK);
      const changed = changes.map((change) => (change.kind === 'put' ? change.placed : undefined));
      for (const told of [items, changed]) await assertTold(found, told);
    });
  }
}

async function assertTold({ drive }: StandinDrive, told: readonly (PlacedItem | undefined)[]): Promise<void> {
  const paths = told.map((placed) => placed?.path);
  assert.deepEqual(paths.sort(), ['/a.txt', '/b.txt', '/odd folder', '/odd.txt']);
  for (const placed of told)
    if (placed) assert.equal(placed.item.id, (await drive.stat(placed.path, BULK)).id);
  const file = told.find((placed) => placed?.path === '/odd.txt');
  assert.deepEqual(file?.item, await drive.stat('/odd.txt', BULK));
}

test('that a file which nobody ever touched is at its first version proves nothing', async (context) => {
  const found = await standinDrive(context);
  found.standin.control.set({ rowVersions: 'counter' });
  const tree = found.drive.tree!;
  const token = await tree.currentToken(BULK);
  found.standin.control.drive().write('theirs.txt', Buffer.from('x'));
  for (const _round of [1, 2]) {
    found.standin.control.log.clear();
    assert.equal((await tree.changes(token, BULK)).changes.length, 1);
    assert.equal(stats(found), 1, 'looked at each time');
  }
});

for (const switches of [{ rowGaps: 'sizes', rowGapsOf: 'odd' }, { rowVersions: 'missing' }]) {
  test(`a folder is moved before its files are looked at: they are not gone, with ${JSON.stringify(switches)}`, async (context) => {
    const { drive, standin } = await standinDrive(context, { clock: NO_PAUSES });
    standin.control.set({ ...switches, refusedServices: 'GetListItemChangesSinceToken' });
    const files = standin.control.drive();
    files.makeFolder('here');
    const token = await drive.tree!.currentToken(BULK);
    files.write('here/odd.txt', Buffer.from('x'));
    const { id } = await drive.stat('/here/odd.txt', BULK);
    // once the rows are in
    const makeWay = async () => void (files.has('here') && files.move('here', 'there'));
    const { changes } = await drive.tree!.changes(token, { ...BULK, makeWay } as typeof BULK);
    assert.deepEqual(changes, [{ kind: 'unplaced', id }]);
  });
}

for (const refusedServices of ['', 'GetListItemChangesSinceToken']) {
  const log = refusedServices === '' ? 'one change log' : 'the other';
  const told = async ({ drive }: StandinDrive, token: string) =>
    (await drive.tree!.changes(token, BULK)).changes.map((change) =>
      change.kind === 'put' ? change.placed.path : `${change.kind} ${change.id}`,
    );

  test(`rows without FileRef: their items are where the folder and the name say, with ${log}`, async (context) => {
    const found = await standinDrive(context);
    found.standin.control.set({ rowGaps: 'references', refusedServices });
    const token = await found.drive.tree!.currentToken(BULK);
    const files = found.standin.control.drive();
    const names = Array.from({ length: MANY }, (_, number) => `f/${number};#.txt`);
    files.makeFolder('f');
    for (const name of names) files.write(name, Buffer.from('x'));
    const paths = ['f', ...names].map((name) => `/${name}`).sort();
    assert.deepEqual((await told(found, token)).sort(), paths);
    const { items } = await found.drive.tree!.snapshot(null, BULK);
    assert.deepEqual(items.map(({ path }) => path).sort(), paths);
  });

  test(`a row without any place costs that row alone, with ${log}`, async (context) => {
    const found = await standinDrive(context);
    const { drive, standin } = found;
    standin.control.set({ rowGaps: 'places', rowGapsOf: 'odd', refusedServices });
    const token = await drive.tree!.currentToken(BULK);
    for (const name of ['a.txt', 'odd.txt', 'b.txt']) standin.control.drive().write(name, Buffer.from(name));
    const { id } = await drive.stat('/odd.txt', BULK);
    assert.deepEqual((await told(found, token)).sort(), ['/a.txt', '/b.txt', `unplaced ${id}`]);
    const { items, unplaced } = await drive.tree!.snapshot(null, BULK);
    assert.deepEqual(items.map(({ path }) => path).sort(), ['/a.txt', '/b.txt']);
    assert.deepEqual(unplaced, [id]);
  });

  test(`a library whose rows have no places is not read as a whole, with ${log}`, async (context) => {
    const { drive, standin } = await standinDrive(context);
    standin.control.set({ rowGaps: 'places', refusedServices });
    const token = await drive.tree!.currentToken(BULK);
    for (let file = 0; file < MANY; file += 1) standin.control.drive().write(`${file}.txt`, Buffer.from('b'));
    await assert.rejects(drive.tree!.changes(token, BULK), { name: 'ChangeTokenLost' });
    await assert.rejects(drive.tree!.snapshot(null, BULK), kind('denied'));
  });
}
