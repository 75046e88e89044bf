/** Rows of the library that tell of its files, their versions above all, in their own way, or not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BULK,
  driveOn,
  kind,
  put,
  type StandinDrive,
  standinDrive,
  wayMemory,
} from '../support/drive-fixture.js';

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

for (const rowVersions of ['other', 'missing']) {
  test(`what rows tell of versions is not believed when it is ${rowVersions}`, async (context) => {
    const ways = wayMemory();
    const found = await standinDrive(context, { ways });
    found.standin.control.set({ rowVersions });
    const tree = found.drive.tree!;
    const token = await tree.currentToken(BULK);
    await put(found.drive, '/a.txt', 'a');
    await assert.rejects(tree.changes(token, BULK), { name: 'ChangeTokenLost' });
    await assert.rejects(tree.currentToken(BULK), kind('denied'));
    const again = await driveOn(context, found.standin, { ways });
    await assert.rejects(again.drive.tree!.currentToken(BULK), kind('denied'), 'remembered');
    const other = await driveOn(context, found.standin);
    await assert.rejects(other.drive.tree!.snapshot(null, BULK), kind('denied'));
  });
}

for (const rowGaps of ['times', 'sizes', 'kinds']) {
  test(`rows without ${rowGaps} that a machine can read are not believed`, async (context) => {
    const ways = wayMemory();
    const found = await standinDrive(context, { ways });
    await put(found.drive, '/a.txt', 'a');
    const token = await found.drive.tree!.currentToken(BULK);
    found.standin.control.set({ rowGaps, refusedServices: 'GetListItemChangesSinceToken' });
    found.standin.control.drive().write('b.txt', Buffer.from('b'));
    await assert.rejects(found.drive.tree!.changes(token, BULK), { name: 'ChangeTokenLost' });
    await assert.rejects(found.drive.tree!.currentToken(BULK), kind('denied'));
    const again = await driveOn(context, found.standin, { ways });
    await assert.rejects(again.drive.tree!.currentToken(BULK), kind('denied'), 'remembered');
    const other = await driveOn(context, found.standin);
    await assert.rejects(other.drive.tree!.snapshot(null, BULK), kind('denied'));
  });
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
