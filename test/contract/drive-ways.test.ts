/** Services that a tenant refuses: another way is found, and remembered over restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, ChangePage } from '../../src/drive/index.js';
import {
  BULK,
  driveOn,
  kind,
  payloadOf,
  put,
  type StandinDrive,
  standinDrive,
  wayMemory,
} from '../support/drive-fixture.js';

async function allChanges({ drive }: StandinDrive, since: string): Promise<Change[]> {
  const changes: Change[] = [];
  for (let token = since; ; ) {
    const page: ChangePage = await drive.tree!.changes(token, BULK);
    changes.push(...page.changes);
    if (!page.more) return changes;
    token = page.token;
  }
}

function told(changes: readonly Change[]): string[] {
  return changes.map((change) => (change.kind === 'put' ? change.placed.path : 'removed')).sort();
}

const asked = ({ standin }: StandinDrive, service: string) =>
  standin.control.log.entries.filter(({ path }) => path.includes(service)).length;

test('changes come by GetChanges where the other change log is refused, also after a restart', async (context) => {
  const ways = wayMemory();
  const first = await standinDrive(context, { ways });
  first.standin.control.set({ refusedServices: 'GetListItemChangesSinceToken' });
  await put(first.drive, '/stays.txt', 'a');
  await put(first.drive, '/goes.txt', 'b');
  await first.drive.makeDirectory('/folder', BULK);
  const token = await first.drive.tree!.currentToken(BULK);
  await first.drive.move('/stays.txt', '/folder/moved.txt', { ...BULK, overwrite: false });
  await first.drive.remove('/goes.txt', { ...BULK, kind: 'file' });
  await put(first.drive, '/new.txt', 'new');
  const again = await driveOn(context, first.standin, { ways });
  first.standin.control.log.clear();
  assert.deepEqual(told(await allChanges(again, token)), ['/folder/moved.txt', '/new.txt', 'removed']);
  assert.equal(asked(again, 'GetListItemChangesSinceToken'), 0, 'what was refused once is not asked again');
});

for (const largestFetch of [120, 3, 1]) {
  test(`a server that tells of ${largestFetch} changes at once by GetChanges, fewer than it is asked for, is asked for the rest`, async (context) => {
    const world = await standinDrive(context);
    const { drive, standin } = world;
    standin.control.set({ refusedServices: 'GetListItemChangesSinceToken', largestFetch });
    const token = await drive.tree!.currentToken(BULK);
    const count = Math.min(250, 5 * largestFetch);
    const paths = Array.from({ length: count }, (_, number) => `/f${String(number).padStart(3, '0')}`);
    for (const path of paths) standin.control.drive().write(path.slice(1), 'x');
    assert.deepEqual(told(await allChanges(world, token)), paths);
  });
}

for (const switches of [
  { rowConditions: 'ignore', largestRowPage: 7 },
  { rowConditions: 'heed', largestRowPage: 7 },
  { rowConditions: 'ignore' },
] as const) {
  test(`of rows that were not asked for nothing is told, and all that were are: ${JSON.stringify(switches)}`, async (context) => {
    const world = await standinDrive(context);
    const { drive, standin } = world;
    standin.control.set({ refusedServices: 'GetListItemChangesSinceToken', ...switches });
    for (let number = 0; number < 40; number += 1) standin.control.drive().write(`before${number}`, 'x');
    const token = await drive.tree!.currentToken(BULK);
    const paths = Array.from({ length: 20 }, (_, number) => `/new${String(number).padStart(2, '0')}`);
    for (const path of paths) standin.control.drive().write(path.slice(1), 'x');
    standin.control.drive().remove('before3');
    assert.deepEqual(told(await allChanges(world, token)), [...paths, 'removed']);
  });
}

test('a page of changes has the rows of one answer, for folders may move between two', async (context) => {
  const world = await standinDrive(context);
  const { drive, standin } = world;
  standin.control.set({ refusedServices: 'GetListItemChangesSinceToken', largestRowPage: 7 });
  const token = await drive.tree!.currentToken(BULK);
  const paths = Array.from({ length: 20 }, (_, number) => `/new${String(number).padStart(2, '0')}`);
  for (const path of paths) standin.control.drive().write(path.slice(1), 'x');
  const first = await drive.tree!.changes(token, BULK);
  assert.deepEqual(told(first.changes), paths.slice(0, 7));
  assert.equal(first.more, true);
  standin.control.log.clear();
  assert.deepEqual(told(await allChanges(world, first.token)), paths.slice(7));
  assert.equal(asked(world, 'RenderListDataAsStream'), 2, 'how many rows an answer has is remembered');
});

test('a poll that found what GetChanges tells of is one question, where a longer page was seen', async (context) => {
  const world = await standinDrive(context);
  const { drive, standin } = world;
  standin.control.set({ refusedServices: 'GetListItemChangesSinceToken' });
  const start = await drive.tree!.currentToken(BULK);
  for (const name of ['a', 'b']) standin.control.drive().write(name, 'x');
  const { token } = await drive.tree!.changes(start, BULK);
  standin.control.drive().write('c', 'x');
  assert.equal((await drive.tree!.changes(token, BULK)).more, false);
});

for (const [service, refused] of [
  ['GetListItemChangesSinceToken', ''],
  ['GetChanges', 'GetListItemChangesSinceToken'],
] as const) {
  test(`what was moved into a folder that went then is gone, though ${service} tells of the folder alone`, async (context) => {
    const { drive, standin } = await standinDrive(context);
    standin.control.set({ refusedServices: refused, goneWithFolder: 'as-changed' });
    const file = await put(drive, '/a.txt', 'a');
    const folder = await drive.makeDirectory('/folder', BULK);
    const token = await drive.tree!.currentToken(BULK);
    await drive.move('/a.txt', '/folder/b.txt', { ...BULK, overwrite: false });
    standin.control.drive().remove('folder');
    const { changes } = await drive.tree!.changes(token, BULK);
    const gone = changes.map((change) => (change.kind === 'put' ? change.placed.path : change.id));
    assert.deepEqual(gone.sort(), [file.id, folder.id].sort());
  });
}

test('every change is brought in once, in pages', async (context) => {
  const found = await standinDrive(context, {
    ways: wayMemory({ 'changes-since': { works: false, atMs: Date.now() } }),
  });
  const token = await found.drive.tree!.currentToken(BULK);
  await found.standin.control.drive().fill({ folders: 3, filesPerFolder: 800, size: 1 });
  const changes = await allChanges(found, token);
  assert.equal(new Set(told(changes)).size, 2_403);
});

test('what GetChanges tells of before a lagging front end has its row is told when it has one', async (context) => {
  const world = await standinDrive(context);
  const { drive, standin } = world;
  standin.control.set({ refusedServices: 'GetListItemChangesSinceToken' });
  const start = await drive.tree!.currentToken(BULK);
  standin.control.drive().write('early', 'x');
  standin.control.set({ visibilityLagMs: 60_000 });
  standin.control.drive().write('late', 'x');
  const { changes, token, more, awaited } = await drive.tree!.changes(start, BULK);
  assert.deepEqual([told([...changes]), more, awaited?.length], [['/early'], false, 1]);
  standin.control.clock.advance(60_001);
  assert.deepEqual(told(await allChanges(world, token)), ['/late']);
});

for (const way of ['changes-since', 'changes'] as const) {
  const other = way === 'changes' ? 'changes-since' : 'changes';
  const ways = () => wayMemory({ [other]: { works: false, atMs: Date.now() } });

  test(`a place that ${way} refuses as if the server were ill, and tells what changed since now, is lost`, async (context) => {
    const { drive, standin } = await standinDrive(context, { ways: ways() });
    const token = await drive.tree!.currentToken(BULK);
    standin.control.clock.advance(61 * 86_400_000);
    standin.control.set({ expiredTokenStatus: 500, vagueTokenError: true });
    await assert.rejects(drive.tree!.changes(token, BULK), { name: 'ChangeTokenLost' });
  });

  test(`a server that is ill altogether has lost no place of ${way}`, async (context) => {
    const { drive, standin } = await standinDrive(context, { ways: ways() });
    const token = await drive.tree!.currentToken(BULK);
    standin.control.set({ expiredTokenStatus: 500, vagueTokenError: true, changeLogDays: -1 });
    await assert.rejects(drive.tree!.changes(token, BULK), kind('unreachable'));
  });
}

test('a place in the change log that was lost is told as such by either service', async (context) => {
  const ways = wayMemory({ 'changes-since': { works: false, atMs: Date.now() } });
  const { drive, standin } = await standinDrive(context, { ways });
  const token = await drive.tree!.currentToken(BULK);
  standin.control.clock.advance(61 * 86_400_000);
  await assert.rejects(drive.tree!.changes(token, BULK), { name: 'ChangeTokenLost' });
});

test('a change log that answers 400 is left for the other one', async (context) => {
  const world = await standinDrive(context);
  world.standin.control.set({
    refusedServices: 'GetListItemChangesSinceToken',
    refusedServiceStatus: 400,
  });
  const start = await world.drive.tree!.currentToken(BULK);
  world.standin.control.drive().write('new', 'x');
  assert.deepEqual(told(await allChanges(world, start)), ['/new']);
});

test('where neither change log is offered, the tree is refused as a whole', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ refusedServices: 'GetListItemChangesSinceToken,GetChanges,GetList' });
  await assert.rejects(drive.tree!.currentToken(BULK), kind('denied'));
});

test('If-Match is relied upon once the server was seen to honour it', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/a.txt', 'a');
  const replacing = { ...BULK, modifiedMs: 0 };
  const payload = payloadOf('mine');
  // somebody is faster between our look and our PUT
  const overtaken = {
    size: payload.size,
    open: (range: Parameters<typeof payload.open>[0]) => {
      standin.control.drive().write('a.txt', Buffer.from('theirs'));
      return payload.open(range);
    },
  };
  await assert.rejects(
    drive.upload('/a.txt', overtaken, { ...replacing, base: { version } }),
    kind('changed'),
  );
  const current = await drive.stat('/a.txt', BULK);
  standin.control.log.clear();
  await drive.upload('/a.txt', payload, { ...replacing, base: { version: current.version } });
  assert.deepEqual(
    standin.control.log.entries.map(({ method }) => method),
    ['PUT'],
  );
});

test('the quota of an empty drive comes from the v2 drive, or from WebDAV', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ quotaBytes: 5_000_000 });
  assert.deepEqual(await drive.quota(BULK), { usedBytes: 0, totalBytes: 5_000_000 });
  standin.control.set({ quotaBytes: 6_000_000, quotaProperties: true });
  const other = await driveOn(context, standin);
  standin.control.log.clear();
  assert.deepEqual(await other.drive.quota(BULK), { usedBytes: 0, totalBytes: 6_000_000 });
  assert.equal(asked(other, 'RenderListDataAsStream'), 0);
});

test('the quota where usage is refused, and where nobody tells it', async (context) => {
  const { drive, standin } = await standinDrive(context);
  await put(drive, '/a.txt', 'twelve bytes');
  standin.control.set({ refusedServices: 'usage', quotaBytes: 1_000 });
  assert.deepEqual(await drive.quota(BULK), { usedBytes: 12, totalBytes: 1_000 });
  standin.control.set({ refusedServices: 'usage', driveAccessToken: false });
  const other = await driveOn(context, standin);
  await assert.rejects(other.drive.quota(BULK), kind('protocol'));
  standin.control.log.clear();
  await assert.rejects(other.drive.quota(BULK), kind('protocol'));
  assert.equal(standin.control.log.entries.length, 0, 'nobody is asked in vain again');
});
