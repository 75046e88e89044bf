/** What every `Drive` promises; run on the drive in memory, on SharePoint's dialect and on a generic server. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Drive } from '../../src/drive/index.js';
import { ASKING, kind, names, payloadOf, put, readText, textOf } from '../support/drive-fixture.js';
import { copyContract } from './drive-copy-suite.js';

type MakeDrive = (context: TestContext) => Promise<Drive> | Drive;

const AWKWARD_NAMES = [
  'a b.txt',
  "it's.txt",
  '100%.txt',
  'a%20b.txt',
  '#tag.txt',
  'a&b;c=d.txt',
  'x+y.txt',
  'ümläut.txt',
  '日本語.txt',
  '😀.txt',
  'a~b.txt',
  '[x](y){z}.txt',
  'semi;colon,comma.txt',
];

export interface ContractOptions {
  readonly skip?: string | false;
  /** Waits until listings show what was written. */
  readonly settle?: () => Promise<unknown>;
}

export function driveContract(name: string, make: MakeDrive, options: ContractOptions = {}): void {
  const settle = options.settle ?? (async () => {});
  const skip = options.skip ?? false;
  const promise = (what: string, work: (drive: Drive) => Promise<void>) =>
    test(`${name}: ${what}`, { skip }, async (context) => work(await make(context)));

  promise('the root is a folder without a name', async (drive) => {
    const root = await drive.stat('/', ASKING);
    assert.equal(root.kind, 'folder');
    assert.equal(root.name, '');
    assert.deepEqual(await names(drive, '/'), []);
  });

  promise('what was uploaded is there, whole', async (drive) => {
    const item = await put(drive, '/a.txt', 'hello');
    assert.equal(item.name, 'a.txt');
    assert.equal(item.size, 5);
    const seen = await drive.stat('/a.txt', ASKING);
    assert.deepEqual({ ...seen, modifiedMs: 0, createdMs: 0 }, { ...item, modifiedMs: 0, createdMs: 0 });
    assert.equal(await readText(drive, '/a.txt'), 'hello');
  });

  promise('an empty file is a file', async (drive) => {
    await put(drive, '/empty', '');
    assert.equal((await drive.stat('/empty', ASKING)).size, 0);
    assert.equal(await readText(drive, '/empty'), '');
    await put(drive, '/empty', 'x');
    await put(drive, '/empty', '');
    assert.equal(await readText(drive, '/empty'), '');
  });

  promise('create only: somebody else was faster', async (drive) => {
    await put(drive, '/a.txt', 'theirs');
    const creating = { ...ASKING, base: 'absent', modifiedMs: 0 } as const;
    await assert.rejects(drive.upload('/a.txt', payloadOf('ours'), creating), kind('exists'));
    await assert.rejects(drive.upload('/a.txt', payloadOf(''), creating), kind('exists'));
    assert.equal(await readText(drive, '/a.txt'), 'theirs');
    await drive.upload('/b.txt', payloadOf('ours'), creating);
    assert.equal(await readText(drive, '/b.txt'), 'ours');
  });

  promise('replace that version only', async (drive) => {
    const first = await put(drive, '/a.txt', 'one');
    const second = await drive.upload('/a.txt', payloadOf('two2'), {
      ...ASKING,
      base: { version: first.version },
      modifiedMs: 0,
    });
    assert.notEqual(second.version, first.version);
    const stale = { ...ASKING, base: { version: first.version }, modifiedMs: 0 };
    await assert.rejects(drive.upload('/a.txt', payloadOf('three'), stale), kind('changed'));
    assert.equal(await readText(drive, '/a.txt'), 'two2');
    if (drive.capabilities.stableIds) assert.equal(second.id, first.id);
  });

  promise('no folder, no file', async (drive) => {
    const creating = { ...ASKING, base: 'absent', modifiedMs: 0 } as const;
    await assert.rejects(drive.upload('/no/a.txt', payloadOf('x'), creating), kind('absent'));
    await assert.rejects(drive.stat('/no', ASKING), kind('absent'));
    await assert.rejects(names(drive, '/no'), kind('absent'));
    await assert.rejects(drive.read('/no', ASKING), kind('absent'));
    await assert.rejects(drive.makeDirectory('/no/folder', ASKING), kind('absent'));
  });

  promise('folders: made once, listed whole', async (drive) => {
    const made = await drive.makeDirectory('/folder', ASKING);
    assert.equal(made.kind, 'folder');
    await assert.rejects(drive.makeDirectory('/folder', ASKING), kind('exists'));
    for (let number = 0; number < 20; number++) await put(drive, `/folder/${number}.txt`, String(number));
    await drive.makeDirectory('/folder/sub', ASKING);
    assert.equal((await names(drive, '/folder')).length, 21);
    assert.deepEqual(await names(drive, '/'), ['folder']);
    let folders = 0;
    for await (const page of drive.list('/folder', ASKING)) {
      if (page.folder !== null) folders += 1;
      for (const item of page.items) assert.equal(item.kind, item.name === 'sub' ? 'folder' : 'file');
    }
    assert.equal(folders, 1);
  });

  promise('a file is no folder', async (drive) => {
    await put(drive, '/a.txt', 'x');
    await assert.rejects(names(drive, '/a.txt'), kind('absent'));
  });

  promise('awkward names stay what they are', async (drive) => {
    for (const name of AWKWARD_NAMES) {
      await put(drive, `/${name}`, name);
      assert.equal(await readText(drive, `/${name}`), name);
      assert.equal((await drive.stat(`/${name}`, ASKING)).name, name);
    }
    assert.deepEqual(await names(drive, '/'), [...AWKWARD_NAMES].sort());
  });

  promise('ranges', async (drive) => {
    const { version } = await put(drive, '/a.txt', '0123456789');
    const part = async (offset: number, length: number) => {
      const stream = await drive.read('/a.txt', { ...ASKING, range: { offset, length }, version });
      assert.equal(stream.version, version);
      return [stream.offset, await textOf(stream.body)];
    };
    assert.deepEqual(await part(0, 3), [0, '012']);
    assert.deepEqual(await part(4, 2), [4, '45']);
    assert.deepEqual(await part(8, 100), [8, '89']);
    assert.equal((await part(10, 5))[1], '');
    await put(drive, '/a.txt', 'another one');
    await assert.rejects(drive.read('/a.txt', { ...ASKING, version }), kind('changed'));
  });

  promise('moves keep content and refuse to replace', async (drive) => {
    const item = await put(drive, '/a.txt', 'a');
    await put(drive, '/b.txt', 'b');
    await drive.makeDirectory('/to', ASKING);
    await assert.rejects(drive.move('/a.txt', '/b.txt', { ...ASKING, overwrite: false }), kind('exists'));
    const moved = await drive.move('/a.txt', '/to/c.txt', { ...ASKING, overwrite: false });
    assert.equal(moved.name, 'c.txt');
    if (drive.capabilities.stableIds) assert.equal(moved.id, item.id);
    await drive.move('/to/c.txt', '/b.txt', { ...ASKING, overwrite: true });
    assert.equal(await readText(drive, '/b.txt'), 'a');
    assert.deepEqual(await names(drive, '/to'), []);
    await assert.rejects(drive.move('/gone', '/x', { ...ASKING, overwrite: false }), kind('absent'));
    await assert.rejects(drive.move('/b.txt', '/no/x', { ...ASKING, overwrite: false }), kind('absent'));
  });

  promise('folders move with all that is in them', async (drive) => {
    const folder = await drive.makeDirectory('/one', ASKING);
    const file = await put(drive, '/one/a.txt', 'a');
    const moved = await drive.move('/one', '/two', { ...ASKING, overwrite: false });
    assert.equal(moved.id, folder.id);
    assert.equal((await drive.stat('/two/a.txt', ASKING)).id, file.id);
    assert.equal(await readText(drive, '/two/a.txt'), 'a');
    await assert.rejects(drive.stat('/one', ASKING), kind('absent'));
    assert.notEqual((await drive.makeDirectory('/one', ASKING)).id, folder.id);
  });

  promise('a rename may change the case only', async (drive) => {
    await put(drive, '/name.txt', 'x');
    await drive.move('/name.txt', '/Name.txt', { ...ASKING, overwrite: false });
    assert.deepEqual(await names(drive, '/'), ['Name.txt']);
    assert.equal(await readText(drive, '/Name.txt'), 'x');
  });

  copyContract(promise);

  promise('removed is gone, and gone is removed', async (drive) => {
    const item = await put(drive, '/a.txt', 'a');
    await put(drive, '/a.txt', 'newer');
    const stale = { ...ASKING, kind: 'file', version: item.version } as const;
    await assert.rejects(drive.remove('/a.txt', stale), kind('changed'));
    const { version } = await drive.stat('/a.txt', ASKING);
    assert.equal(await drive.remove('/a.txt', { ...ASKING, kind: 'file', version }), true);
    await drive.remove('/a.txt', { ...ASKING, kind: 'file' });
    await drive.makeDirectory('/folder', ASKING);
    await put(drive, '/folder/x', 'x');
    await drive.remove('/folder', { ...ASKING, kind: 'folder' });
    await settle();
    assert.deepEqual(await names(drive, '/'), []);
  });

  promise('times can be set where the drive says so', async (drive) => {
    if (!drive.capabilities.setsModified) return;
    await put(drive, '/a.txt', 'a');
    const modifiedMs = Date.UTC(2020, 4, 17, 13, 5, 42);
    const item = await drive.setModified('/a.txt', modifiedMs, ASKING);
    assert.equal(item.modifiedMs, modifiedMs);
    const seen = await drive.stat('/a.txt', ASKING);
    assert.equal(seen.modifiedMs, modifiedMs);
    assert.equal(seen.version, item.version);
    assert.equal(await readText(drive, '/a.txt'), 'a');
  });

  promise('times of several items can be set at once', async (drive) => {
    if (!drive.capabilities.setsModified) return;
    const paths = ['/a.txt', '/b.txt', '/folder'] as const;
    await put(drive, '/a.txt', 'a');
    await put(drive, '/b.txt', 'b');
    await drive.makeDirectory('/folder', ASKING);
    const modifiedMs = Date.UTC(2020, 4, 17, 13, 5, 42);
    const items = await Promise.all(paths.map((path) => drive.setModified(path, modifiedMs, ASKING)));
    assert.deepEqual(
      items.map((item) => item.modifiedMs),
      [modifiedMs, modifiedMs, modifiedMs],
    );
  });

  promise('a call that nobody wants any more rejects with the reason', async (drive) => {
    const reason = new Error('nobody waits');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(drive.stat('/', { signal, lane: 'bulk' }), reason);
    await assert.rejects(drive.setModified('/a', 0, { signal, lane: 'bulk' }));
  });

  promise('the tree and its changes', async (drive) => {
    const { tree } = drive;
    if (tree === null) return;
    await drive.makeDirectory('/folder', ASKING);
    const file = await put(drive, '/folder/a b&c.txt', 'hello');
    const token = await tree.currentToken(ASKING);
    await settle();
    const page = await tree.snapshot(null, ASKING);
    assert.equal(page.next, null);
    assert.deepEqual(page.items.map(({ path }) => path).sort(), ['/folder', '/folder/a b&c.txt']);
    const seen = page.items.find(({ path }) => path !== '/folder')!.item;
    assert.deepEqual([seen.id, seen.size, seen.version, seen.kind], [file.id, 5, file.version, 'file']);
    assert.deepEqual((await tree.changes(token, ASKING)).changes, []);
    await put(drive, '/new.txt', 'new');
    await drive.move('/folder', '/moved', { ...ASKING, overwrite: false });
    await drive.remove('/moved/a b&c.txt', { ...ASKING, kind: 'file' });
    await settle();
    const { changes, ...reached } = await tree.changes(token, ASKING);
    // A server that does not say whether that was all is asked once more.
    if (reached.more) assert.deepEqual((await tree.changes(reached.token, ASKING)).changes, []);
    const puts = changes.flatMap((change) => (change.kind === 'put' ? [change.placed.path] : []));
    assert.ok(puts.includes('/new.txt') && puts.includes('/moved'));
    assert.ok(changes.some((change) => change.kind === 'removed' && change.id === file.id));
  });
  promise('what was moved into a folder that went is told of as removed', async (drive) => {
    const { tree } = drive;
    if (tree === null) return;
    const file = await put(drive, '/a.txt', 'hello');
    await drive.makeDirectory('/folder', ASKING);
    const token = await tree.currentToken(ASKING);
    await drive.move('/a.txt', '/folder/b.txt', { ...ASKING, overwrite: false });
    await drive.remove('/folder', { ...ASKING, kind: 'folder' });
    await settle();
    const { changes } = await tree.changes(token, ASKING);
    assert.ok(changes.every(({ kind }) => kind === 'removed'));
    assert.ok(changes.some((change) => change.kind === 'removed' && change.id === file.id));
  });
}
