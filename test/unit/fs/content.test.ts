/** Bytes: reading and writing, open files under changes from both sides, conflicts. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DriveError } from '../../../src/drive/index.js';
import { FsError } from '../../../src/fs/index.js';
import { FileSystemWorld } from '../../support/file-system-world.js';

let world: FileSystemWorld;

beforeEach(async () => {
  world = await FileSystemWorld.open();
});
afterEach(() => world.close());

const put = (path: string, text: string) => world.drive.server.write(path, Buffer.from(text));

test('a write while the writers are being unbound is sent, too', async () => {
  const file = await world.kernel.create('/f');
  await world.kernel.write(file, 0, 'abc');
  await world.kernel.call('flush', { ...file });
  world.kernel.beforeRebind = async (descriptor) => {
    if (descriptor !== null) return;
    world.kernel.beforeRebind = async () => undefined;
    await world.kernel.write(file, 3, 'def');
  };
  await world.settled();
  assert.equal(world.kernel.isBound(file), false);
  assert.equal((await world.kernel.stat('/f')).size, 6);
  assert.equal(world.drive.server.text('/f'), 'abcdef');
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), 'abcdef');
});

test('an upload that takes a file away from its writers while one more of them is being let in', async () => {
  await world.kernel.writeFile('/f', 'old bytes');
  const { ino } = world.fs.inodes.get(await world.kernel.node('/f'));
  let sending: Promise<void> | null = null;
  world.kernel.beforeRebind = async () => {
    sending ??= world.fs.updates.quiesce(ino);
  };
  const file = await world.kernel.open('/f', { access: 'write', truncate: true });
  await sending;
  assert.equal(world.kernel.isBound(file), false, 'bound to what was closed, or is another file by now');
  await world.kernel.write(file, 0, 'new');
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), 'new');
});

test('what is written within a second of another change has changed since', async () => {
  await world.kernel.writeFile('/f', 'bytes');
  const node = await world.kernel.node('/f');
  const modified = { seconds: 1_000_000_000, nanoseconds: 0 };
  await world.kernel.call('setattr', { node, handle: null, changes: { modified } });
  const file = await world.kernel.open('/f', { access: 'write' });
  await world.kernel.write(file, 0, 'B');
  const after = await world.kernel.stat('/f');
  assert.deepEqual(after.changed, after.modified);
  await world.kernel.close(file);
});

test('who opens to read may empty the file, too', async () => {
  put('/f', 'bytes');
  await world.caughtUp();
  const file = await world.kernel.open('/f', { access: 'read', truncate: true });
  assert.equal((await world.kernel.stat('/f')).size, 0);
  assert.equal((await world.kernel.read(file, 0, 100)).length, 0);
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), '');
});

test('a write in the middle keeps the rest of what the server has', async () => {
  put('/f', 'aaaaabbbbbccccc');
  await world.caughtUp();
  const file = await world.kernel.open('/f', { access: 'read-write' });
  await world.kernel.write(file, 5, 'XXXXX');
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), 'aaaaaXXXXXccccc');
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), 'aaaaaXXXXXccccc');
});

test('own writes are seen at once through every other descriptor', async () => {
  put('/f', 'before');
  await world.caughtUp();
  const reader = await world.kernel.open('/f');
  assert.equal((await world.kernel.read(reader, 0, 6)).toString(), 'before');
  const writer = await world.kernel.open('/f', { access: 'write' });
  await world.kernel.write(writer, 0, 'behind');
  assert.equal((await world.kernel.read(reader, 0, 6)).toString(), 'behind');
  await world.kernel.close(writer);
  await world.settled();
  assert.equal((await world.kernel.read(reader, 0, 6)).toString(), 'behind');
  await world.kernel.close(reader);
});

test('truncate both ways, with and without an open file', async () => {
  put('/f', '0123456789');
  await world.caughtUp();
  const node = await world.kernel.node('/f');
  const resize = (size: number) =>
    world.kernel.call('setattr', { node, handle: null, changes: { size, killPrivileges: false } });
  await resize(4);
  assert.equal(await world.kernel.readFile('/f'), '0123');
  await resize(6);
  assert.equal(await world.kernel.readFile('/f'), '0123\0\0');
  await resize(0);
  assert.equal((await world.kernel.stat('/f')).size, 0);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), '');
});

test('a file that is unlinked while open stays readable and writable', async () => {
  put('/f', 'remote bytes');
  await world.caughtUp();
  const file = await world.kernel.open('/f', { access: 'read-write' });
  await world.kernel.unlink('/f');
  await world.settled();
  assert.equal(world.drive.server.find('/f'), undefined);
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), 'remote bytes');
  await world.kernel.write(file, 0, 'REMOTE');
  assert.equal((await world.kernel.read(file, 0, 100)).toString(), 'REMOTE bytes');
  assert.equal(
    (await world.kernel.call('getattr', { node: file.node, handle: file.handle })).attributes.nlink,
    0,
  );
  await world.kernel.close(file);
  assert.deepEqual(await world.kernel.list('/'), []);
});

test('an open file keeps reading its version; the next open gets the new one', async () => {
  put('/f', 'version one');
  await world.caughtUp();
  const old = await world.kernel.open('/f');
  assert.equal((await world.kernel.read(old, 0, 100)).toString(), 'version one');
  put('/f', 'version two!');
  await world.caughtUp();
  assert.equal((await world.kernel.read(old, 0, 100)).toString(), 'version one');
  const fresh = await world.kernel.open('/f');
  assert.equal((await world.kernel.read(fresh, 0, 100)).toString(), 'version two!');
  await world.kernel.close(old);
  await world.kernel.close(fresh);
});

test('somebody else edited the file meanwhile: both sides are kept', async () => {
  put('/report.txt', 'base');
  await world.caughtUp();
  const file = await world.kernel.open('/report.txt', { access: 'read-write' });
  await world.kernel.write(file, 0, 'mine');
  put('/report.txt', 'theirs');
  await world.kernel.close(file);
  await world.settled();
  await world.caughtUp();
  const names = await world.kernel.list('/');
  const copy = names.find((name) => name.startsWith('report (conflict testhost '));
  assert.ok(copy?.endsWith('.txt'), names.join(', '));
  assert.equal(await world.kernel.readFile('/report.txt'), 'theirs');
  assert.equal(await world.kernel.readFile(`/${copy}`), 'mine');
  assert.equal(world.drive.server.text(`/${copy}`), 'mine');
});

test('a file that somebody removed while it was edited is created again', async () => {
  put('/f', 'base');
  await world.caughtUp();
  const file = await world.kernel.open('/f', { access: 'read-write' });
  await world.kernel.write(file, 0, 'mine');
  world.drive.server.remove('/f');
  await world.caughtUp();
  await world.kernel.close(file);
  await world.settled();
  assert.equal(world.drive.server.text('/f'), 'mine');
  assert.equal(await world.kernel.readFile('/f'), 'mine');
});

test('the server rewrites what we uploaded: our size and bytes stay', async () => {
  await world.close();
  world = await FileSystemWorld.open();
  await world.kernel.writeFile('/r.docx', 'as written');
  await world.settled();
  put('/r.docx', 'as written + properties');
  await world.caughtUp();
  assert.equal((await world.kernel.stat('/r.docx')).size, 10);
  assert.equal(await world.kernel.readFile('/r.docx'), 'as written');
  await world.kernel.writeFile('/r.docx', 'second save');
  await world.settled();
  assert.deepEqual(await world.kernel.list('/'), ['r.docx'], 'no conflict copy');
  assert.equal(world.drive.server.text('/r.docx'), 'second save');
});

test("a document that was rewritten before its upload was answered: our bytes stay, and the next edit is somebody else's", async () => {
  await world.close();
  let suffix = ' + properties';
  const rewrite = (_: string, content: Uint8Array) => Buffer.concat([content, Buffer.from(suffix)]);
  world = await FileSystemWorld.open({ rewrite });
  await world.kernel.writeFile('/r.docx', 'as written');
  await world.settled();
  await world.caughtUp();
  assert.equal(await world.kernel.readFile('/r.docx'), 'as written');
  suffix = '';
  put('/r.docx', 'theirs');
  await world.caughtUp();
  assert.equal(await world.kernel.readFile('/r.docx'), 'theirs');
});

test('a new file in the place of one that the server rewrites meanwhile is its next version', async () => {
  const replacing = {
    renamed: async (path: string) => {
      await world.kernel.writeFile('/new', 'second save');
      await world.kernel.rename('/new', path);
    },
    recreated: async (path: string) => {
      await world.kernel.unlink(path);
      await world.kernel.writeFile(path, 'second save');
    },
  };
  for (const [how, replace] of Object.entries(replacing)) {
    for (const isKnown of [false, true]) {
      const name = `${how}-${isKnown}.docx`;
      await world.kernel.writeFile(`/${name}`, 'as written');
      await world.settled();
      if (isKnown) await replace(`/${name}`);
      put(`/${name}`, 'as written + properties');
      if (isKnown) await world.caughtUp();
      else await replace(`/${name}`);
      await world.settled();
      assert.equal(world.drive.server.text(`/${name}`), 'second save', name);
      const names = (await world.kernel.list('/')).filter((one) => one.startsWith(`${how}-${isKnown}`));
      assert.deepEqual(names, [name], 'no conflict copy');
    }
  }
});

test('closed files survive a restart that sent nothing', async () => {
  world.drive.beforeCall = async ({ name }) => {
    if (name === 'upload') throw new Error('the network is down');
  };
  await world.kernel.writeFile('/kept.txt', 'precious');
  await world.restart();
  assert.equal(await world.kernel.readFile('/kept.txt'), 'precious');
  world.drive.beforeCall = () => undefined;
  await world.settled();
  assert.equal(world.drive.server.text('/kept.txt'), 'precious');
});

test('a read-only mount changes nothing', async () => {
  await world.close();
  world = await FileSystemWorld.open({ fileSystem: { readOnly: true } });
  const isReadOnly = (error: unknown) => error instanceof FsError && error.errno === 'EROFS';
  await assert.rejects(world.kernel.create('/f'), isReadOnly);
  await assert.rejects(world.kernel.mkdir('/d'), isReadOnly);
});

test('the state of a file can be asked for', async () => {
  put('/f', 'x');
  await world.caughtUp();
  const node = await world.kernel.node('/f');
  const state = async () =>
    Buffer.from(await world.kernel.call('getxattr', { node, name: 'user.odbfs.state' })).toString();
  assert.equal(await state(), 'remote');
  await world.kernel.readFile('/f');
  assert.equal(await state(), 'cached');
  await world.kernel.writeFile('/f', 'y');
  assert.equal(await state(), 'owed');
  assert.deepEqual(await world.kernel.call('listxattr', { node }), []);
});

test('why something is still owed can be asked for', async () => {
  world.drive.beforeCall = ({ name }) => {
    if (name === 'upload') throw new DriveError('full', 'the quota is used up');
  };
  await world.kernel.writeFile('/f', 'y');
  const node = await world.kernel.node('/f');
  const value = async (name: string) => (await world.kernel.call('getxattr', { node, name })).toString();
  assert.equal(await value('user.odbfs.reason'), '');
  world.spool.hurry();
  for (let turn = 0; turn < 2000 && (await value('user.odbfs.reason')) === ''; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await value('user.odbfs.reason'), 'the quota is used up');
  assert.equal(await value('user.odbfs.state'), 'owed');
  world.drive.beforeCall = () => undefined;
  await world.settled();
  assert.equal(await value('user.odbfs.reason'), '');
});

test('what is pinned is known after a restart without what the caches held', async () => {
  const pin = async (path: string, value: string) =>
    world.kernel.call('setxattr', {
      node: await world.kernel.node(path),
      name: 'user.odbfs.pin',
      value: Buffer.from(value),
      create: false,
      replace: false,
    });
  put('/theirs', 'x');
  put('/loose', 'x');
  await world.caughtUp();
  await pin('/theirs', '1');
  await pin('/loose', '1');
  await world.kernel.writeFile('/ours', 'y');
  await pin('/ours', '1');
  await pin('/loose', '0');
  await world.settled();
  await world.restart();
  const asking = { lane: 'bulk', signal: AbortSignal.timeout(10_000) } as const;
  const items = await Promise.all(['/theirs', '/ours'].map((path) => world.drive.stat(path, asking)));
  assert.deepEqual(world.spool.pinnedItems().sort(), items.map(({ id }) => id).sort());
});
