/** What every `Drive.copy` promises; run on the same drives as `drive-suite.ts`, and by it. */
import assert from 'node:assert/strict';
import type { Drive } from '../../src/drive/index.js';
import { ASKING, kind, put, readText } from '../support/drive-fixture.js';

type MakePromise = (what: string, work: (drive: Drive) => Promise<void>) => void;

export function copyContract(promise: MakePromise): void {
  promise('a copy is an item of its own, of the same bytes', async (drive) => {
    const original = await put(drive, '/a.txt', 'the bytes');
    const copy = await drive.copy('/a.txt', '/b.txt', ASKING);
    assert.equal(copy.name, 'b.txt');
    assert.equal(copy.kind, 'file');
    assert.equal(copy.size, original.size);
    assert.notEqual(copy.id, original.id);
    await put(drive, '/a.txt', 'other bytes');
    assert.equal(await readText(drive, '/b.txt'), 'the bytes');
    const seen = await drive.stat('/b.txt', ASKING);
    assert.equal(seen.id, copy.id);
    assert.equal(seen.version, copy.version);
    assert.equal(seen.modifiedMs, copy.modifiedMs);
  });

  promise('a copy leaves its source as it was', async (drive) => {
    await put(drive, '/a.txt', 'the bytes');
    const original = await drive.stat('/a.txt', ASKING);
    await drive.copy('/a.txt', '/b.txt', { ...ASKING, version: original.version });
    const after = await drive.stat('/a.txt', ASKING);
    assert.equal(after.version, original.version);
    assert.equal(after.modifiedMs, original.modifiedMs);
    assert.equal(await readText(drive, '/a.txt'), 'the bytes');
  });

  promise('a copy goes into another folder, under an awkward name', async (drive) => {
    await put(drive, '/a.txt', 'the bytes');
    await drive.makeDirectory('/a & b', ASKING);
    const copy = await drive.copy('/a.txt', '/a & b/100% #1 ümläut.txt', ASKING);
    assert.equal(copy.name, '100% #1 ümläut.txt');
    assert.equal(await readText(drive, '/a & b/100% #1 ümläut.txt'), 'the bytes');
  });

  promise('an empty file is copied as one', async (drive) => {
    await put(drive, '/empty', '');
    assert.equal((await drive.copy('/empty', '/empty too', ASKING)).size, 0);
  });

  promise('what is there is never replaced by a copy', async (drive) => {
    await put(drive, '/a.txt', 'the bytes');
    const there = await put(drive, '/b.txt', 'theirs');
    await drive.makeDirectory('/folder', ASKING);
    await assert.rejects(drive.copy('/a.txt', '/b.txt', ASKING), kind('exists'));
    await assert.rejects(drive.copy('/a.txt', '/folder', ASKING), kind('exists'));
    assert.equal((await drive.stat('/b.txt', ASKING)).version, there.version);
    assert.equal(await readText(drive, '/b.txt'), 'theirs');
    assert.equal((await drive.stat('/folder', ASKING)).kind, 'folder');
  });

  promise('another version of the source is not copied', async (drive) => {
    const { version } = await put(drive, '/a.txt', 'first');
    await put(drive, '/a.txt', 'second');
    await assert.rejects(drive.copy('/a.txt', '/b.txt', { ...ASKING, version }), kind('changed'));
    await assert.rejects(drive.stat('/b.txt', ASKING), kind('absent'));
  });

  promise('a source that is gone is absent, and so is a folder', async (drive) => {
    const { version } = await put(drive, '/a.txt', 'the bytes');
    await assert.rejects(drive.copy('/a.txt', '/no/b.txt', ASKING), kind('absent'));
    await drive.remove('/a.txt', { ...ASKING, kind: 'file' });
    await assert.rejects(drive.copy('/a.txt', '/b.txt', ASKING), kind('absent'));
    await assert.rejects(drive.copy('/a.txt', '/b.txt', { ...ASKING, version }), kind('absent'));
    await assert.rejects(drive.stat('/b.txt', ASKING), kind('absent'));
  });

  promise('a copy that nobody waits for any more throws the reason', async (drive) => {
    await put(drive, '/a.txt', 'the bytes');
    const reason = new Error('nobody waits');
    const options = { ...ASKING, signal: AbortSignal.abort(reason) };
    await assert.rejects(drive.copy('/a.txt', '/b.txt', options), reason);
    await assert.rejects(drive.stat('/b.txt', ASKING), kind('absent'));
  });
}
