/** What the work costs in requests, and big content in chunks. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { UploadSession, Version } from '../../src/drive/index.js';
import {
  BULK,
  driveOn,
  kind,
  names,
  payloadOf,
  put,
  readText,
  type StandinDrive,
  standinDrive,
  wayMemory,
} from '../support/drive-fixture.js';

const MEGABYTE = 1024 * 1024;

test('a new file is one request, and so is a read of it', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const creating = { ...BULK, base: 'absent', modifiedMs: 0 } as const;
  await drive.upload('/first.txt', payloadOf('gets the digest'), creating);
  standin.control.log.clear();
  await drive.upload('/a.txt', payloadOf('a'), creating);
  assert.equal(standin.control.log.entries.length, 1);
  await readText(drive, '/a.txt');
  assert.equal(standin.control.log.entries.length, 2);
});

test('a replaced file is a look and a PUT', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const { version } = await put(drive, '/a.txt', 'a');
  standin.control.log.clear();
  await drive.upload('/a.txt', payloadOf('b'), { ...BULK, base: { version }, modifiedMs: 0 });
  assert.deepEqual(
    standin.control.log.entries.map(({ method }) => method),
    ['PROPFIND', 'PUT'],
  );
});

test('the times of a hundred files are two requests', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const paths = Array.from({ length: 100 }, (_, number) => `/${number}.txt`);
  await Promise.all(paths.map((path) => put(drive, path, path)));
  standin.control.log.clear();
  const times = paths.map((_, number) => Date.UTC(2021, 0, 1, 0, 0, number));
  const items = await Promise.all(paths.map((path, number) => drive.setModified(path, times[number]!, BULK)));
  const outer = standin.control.log.entries.filter(({ path }) => path.includes('$batch'));
  assert.equal(outer.length, 2);
  assert.deepEqual(
    items.map(({ modifiedMs }) => modifiedMs),
    times,
  );
  for (const [number, path] of paths.entries()) {
    const seen = await drive.stat(path, BULK);
    assert.deepEqual([seen.modifiedMs, seen.version], [times[number], items[number]!.version]);
  }
});

test('times: a site that rounds to minutes, a folder, a file that is gone', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ roundFormDatesToMinutes: true, siteDateOrder: 'dmy' });
  await put(drive, '/a.txt', 'a');
  await drive.makeDirectory('/folder', BULK);
  const modifiedMs = Date.UTC(2021, 2, 4, 5, 6, 7);
  const told: Version[] = [];
  const onVersion = (version: Version) => void told.push(version);
  const [file, folder] = await Promise.all([
    drive.setModified('/a.txt', modifiedMs, { ...BULK, onVersion }),
    drive.setModified('/folder', modifiedMs, BULK),
  ]);
  assert.equal(file.modifiedMs, Date.UTC(2021, 2, 4, 5, 6));
  assert.ok(told.length > 0, 'it is told what became of each attempt');
  assert.equal(folder.kind, 'folder');
  await assert.rejects(drive.setModified('/gone', modifiedMs, BULK), kind('absent'));
});

test('times: that a server keeps no seconds is seen at once, and remembered', async (context) => {
  const ways = wayMemory();
  const first = await standinDrive(context, { ways });
  const { standin } = first;
  standin.control.set({ roundFormDatesToMinutes: true });
  for (const path of ['/a.txt', '/b.txt', '/c.txt']) await put(first.drive, path, path);
  const costs: string[] = [];
  const tell = async (drive: StandinDrive['drive'], path: string) => {
    standin.control.log.clear();
    const { modifiedMs } = await drive.setModified(path, Date.UTC(2021, 2, 14, 5, 6, 7), BULK);
    assert.equal(modifiedMs, Date.UTC(2021, 2, 14, 5, 6));
    const told = standin.control.log.entries.filter((one) => one.path.includes('ValidateUpdateListItem'));
    const asked = standin.control.log.entries.filter(({ method }) => method === 'PROPFIND');
    costs.push(`${told.length} told, ${asked.length} asked`);
  };
  await tell(first.drive, '/a.txt');
  await tell(first.drive, '/b.txt');
  await tell((await driveOn(context, standin, { ways })).drive, '/c.txt');
  assert.deepEqual(costs, ['2 told, 2 asked', '1 told, 1 asked', '1 told, 1 asked']);
});

test('times: a front end that shows the old ones for a while leads to no worse writing of the date', async (context) => {
  const { drive, standin } = await standinDrive(context);
  const paths = ['/a.txt', '/b.txt', '/c.txt'];
  for (const path of paths) await put(drive, path, path);
  standin.control.set({ staleVersionMs: 120 });
  for (let round = 1; round <= 5; round += 1) {
    const modifiedMs = Date.UTC(2017, 1, 3, 4, round, 6);
    const items = await Promise.all(paths.map((path) => drive.setModified(path, modifiedMs, BULK)));
    for (const [index, path] of paths.entries()) {
      assert.equal(items[index]!.modifiedMs, modifiedMs);
      assert.equal(standin.control.drive().item(path).modifiedMs, modifiedMs, `${path} in round ${round}`);
    }
  }
});

test('chunks: nothing is seen before the end, and the end is whole', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  for (const size of [MEGABYTE, 3 * MEGABYTE, 3 * MEGABYTE + 17]) {
    const path = `/${size}.bin`;
    const content = Buffer.alloc(size, 'odbfs');
    const seen: (string | null)[] = [];
    const item = await drive.upload(path, payloadOf(content), {
      ...BULK,
      base: 'absent',
      modifiedMs: 0,
      onSession: (session) => seen.push(session === null ? null : String(session.offset)),
      onProgress: () => assert.throws(() => standin.control.drive().item(path)),
    });
    assert.equal(item.size, size);
    assert.equal(seen.at(-1), null);
    assert.equal(await readText(drive, path), content.toString());
  }
  assert.equal((await names(drive, '/')).length, 3);
});

test('chunks go on after a restart, and start over when the server forgot', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const content = Buffer.alloc(12 * MEGABYTE, 'odbfs');
  const { version } = await put(drive, '/a.bin', 'old');
  const stop = new AbortController();
  const sessions: UploadSession[] = [];
  const options = { ...BULK, base: { version }, modifiedMs: 0 } as const;
  const first = drive.upload('/a.bin', payloadOf(content), {
    ...options,
    signal: stop.signal,
    onSession: (session) => {
      if (session !== null) sessions.push(session);
      if (sessions.length === 2) stop.abort(new Error('restart'));
    },
  });
  await assert.rejects(first, /restart/);
  assert.equal(await readText(drive, '/a.bin'), 'old');
  standin.control.log.clear();
  await drive.upload('/a.bin', payloadOf(content), { ...options, resume: sessions.at(-1)! });
  const chunks = standin.control.log.entries.filter(({ path }) => /Upload\(/.test(path));
  assert.ok(chunks.length <= 4, `${chunks.length} requests`);
  assert.equal(await readText(drive, '/a.bin'), content.toString());
  const forgotten = { id: sessions[0]!.id.replace(/[0-9a-f]{12}"/, '000000000000"'), offset: MEGABYTE };
  const after = await drive.stat('/a.bin', BULK);
  const again = { ...BULK, base: { version: after.version }, modifiedMs: 0, resume: forgotten } as const;
  assert.equal((await drive.upload('/a.bin', payloadOf(content), again)).size, content.length);
});

test('an upload that nobody goes on with leaves nothing behind, whenever it was given up', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  for (const chunks of [0, 1, 2]) {
    const stop = new AbortController();
    let session: UploadSession | null = null;
    let noted = 0;
    const uploading = drive.upload('/new.bin', payloadOf(Buffer.alloc(12 * MEGABYTE)), {
      ...BULK,
      base: 'absent',
      modifiedMs: 0,
      signal: stop.signal,
      onSession: (present) => {
        session = present;
        if (noted++ === chunks) stop.abort(new Error('given up'));
      },
    });
    await assert.rejects(uploading, /given up/);
    await drive.abandon(session!, BULK);
    assert.deepEqual(await standin.control.tree(), []);
    await drive.abandon(session!, BULK);
  }
});

test('giving up what the server forgot leaves nothing behind, whenever that is cut short', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const payload = payloadOf(Buffer.alloc(3 * MEGABYTE));
  const upload = async (resume: UploadSession | null, isCut: (session: UploadSession | null) => boolean) => {
    const stop = new AbortController();
    let last = resume;
    const onSession = (session: UploadSession | null) => {
      last = session;
      if (isCut(session)) stop.abort(new Error('cut short'));
    };
    const options = { ...BULK, base: 'absent', modifiedMs: 0, signal: stop.signal, onSession } as const;
    const uploading = drive.upload('/new.bin', payload, { ...options, ...(resume && { resume }) });
    return {
      outcome: uploading.then(
        () => null,
        (error: Error) => error.message,
      ),
      stop,
      last: () => last,
    };
  };
  const first = await upload(null, (session) => (session?.offset ?? 0) > 0);
  assert.equal(await first.outcome, 'cut short');
  const { id, ...rest } = first.last()!;
  const forgotten = { id: id.replace(/[0-9a-f]{12}"/, '000000000000"'), ...rest };
  for (const request of ['CancelUpload', 'DELETE']) {
    standin.control.set({ hangNext: 1, faultMatch: request });
    const second = await upload(forgotten, () => false);
    await new Promise((resolve) => setTimeout(resolve, 300));
    second.stop.abort(new Error('cut short'));
    assert.equal(await second.outcome, 'cut short', request);
    assert.deepEqual(second.last(), forgotten, request);
  }
  standin.control.set({ hangNext: 0 });
  assert.equal(await (await upload(forgotten, () => false)).outcome, null);
  assert.deepEqual(await names(drive, '/'), ['new.bin']);
});

test('an upload in a folder that is elsewhere by now is gone on with, or given up, there', async (context) => {
  const { drive } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const content = Buffer.alloc(4 * MEGABYTE, 'odbfs');
  const begun = async (path: string) => {
    const stop = new AbortController();
    const sessions: UploadSession[] = [];
    const options = { ...BULK, base: 'absent', modifiedMs: 0, signal: stop.signal } as const;
    const onSession = (session: UploadSession | null) => {
      if (session !== null) sessions.push(session);
      if (sessions.length === 2) stop.abort(new Error('restart'));
    };
    await assert.rejects(drive.upload(path, payloadOf(content), { ...options, onSession }), /restart/);
    return sessions.at(-1)!;
  };
  await drive.makeDirectory('/one', BULK);
  const given = await begun('/one/a');
  assert.equal(given.growsAs, (await names(drive, '/one'))[0]);
  await drive.move('/one', '/two', { ...BULK, overwrite: false });
  await drive.abandon({ ...given, folder: '/two' }, BULK);
  assert.deepEqual(await names(drive, '/two'), []);
  const kept = await begun('/two/b');
  await drive.move('/two', '/three', { ...BULK, overwrite: false });
  const options = { ...BULK, base: 'absent', modifiedMs: 0, resume: { ...kept, folder: '/three' } } as const;
  assert.equal((await drive.upload('/three/b', payloadOf(content), options)).size, content.length);
  assert.deepEqual(await names(drive, '/three'), ['b']);
});

test('chunks that break or get lost on the way are asked about', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const content = Buffer.alloc(3 * MEGABYTE, 'odbfs');
  for (const fault of ['StartUpload', 'ContinueUpload', 'FinishUpload']) {
    standin.control.set({ completeThenDropNext: 1, faultMatch: fault });
    await put(drive, `/${fault}`, content);
    standin.control.set({ completeThenDropNext: 0, dropNext: 1, faultMatch: fault });
    await put(drive, `/${fault}`, content);
    assert.equal(await readText(drive, `/${fault}`), content.toString());
  }
});

test('progress is told within a chunk, and never runs ahead of the content', async (context) => {
  const { drive } = await standinDrive(context, { chunkThresholdBytes: MEGABYTE, chunkBytes: 2 * MEGABYTE });
  const seen: number[] = [];
  await drive.upload('/a.bin', payloadOf(Buffer.alloc(5 * MEGABYTE)), {
    ...BULK,
    base: 'absent',
    modifiedMs: 0,
    onProgress: (sent) => seen.push(sent),
  });
  assert.ok(seen.filter((sent) => sent > 0 && sent < 2 * MEGABYTE).length > 10);
  assert.deepEqual(
    seen.toSorted((one, other) => one - other),
    seen,
  );
  assert.equal(seen.at(-1), 5 * MEGABYTE);
});

test('a chunk that is too large for somebody on the way goes in smaller ones', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  standin.control.set({ restMaxBytes: 300_000 });
  const content = Buffer.alloc(3 * MEGABYTE, 'odbfs');
  await put(drive, '/a.bin', content);
  assert.equal(await readText(drive, '/a.bin'), content.toString());
});

test('how large a chunk may be is found without waiting, and known to the next upload', async (context) => {
  const { drive, standin } = await standinDrive(context, { chunkThresholdBytes: MEGABYTE });
  standin.control.set({ restMaxBytes: 100_000 });
  const content = Buffer.alloc(2 * MEGABYTE, 'odbfs');
  const refusals = () => standin.control.log.entries.filter(({ status }) => status === 400).length;
  await put(drive, '/a.bin', content);
  assert.equal(refusals(), 7, 'from 10 MiB to 80 KiB');
  await put(drive, '/b.bin', content);
  assert.equal(refusals(), 7);
  assert.equal(await readText(drive, '/b.bin'), content.toString());
});

test('somebody else changes the file while chunks are sent: theirs stays', async (context) => {
  const { drive, standin } = await standinDrive(context, {
    chunkThresholdBytes: MEGABYTE,
    chunkBytes: MEGABYTE,
  });
  const { version } = await put(drive, '/a.bin', 'old');
  const upload = drive.upload('/a.bin', payloadOf(Buffer.alloc(3 * MEGABYTE)), {
    ...BULK,
    base: { version },
    modifiedMs: 0,
    onProgress: (sent) => {
      if (sent === MEGABYTE) standin.control.drive().write('/a.bin', 'theirs');
    },
  });
  await assert.rejects(upload, kind('changed'));
  assert.equal(await readText(drive, '/a.bin'), 'theirs');
});

test('what WebDAV refuses for its size goes in chunks', async (context) => {
  const { drive, standin } = await standinDrive(context);
  standin.control.set({ davMaxPutBytes: 1000, restMaxBytes: 64 * MEGABYTE });
  const content = 'x'.repeat(5000);
  await put(drive, '/a.bin', 'small');
  await put(drive, '/a.bin', content);
  assert.equal(await readText(drive, '/a.bin'), content);
});

test('listings, the tree and its changes come packed, and say the same; a file comes as it is', async (context) => {
  const plain = await listedBy(context, false);
  const packed = await listedBy(context, true);
  assert.deepEqual(packed.seen, plain.seen);
  assert.ok(packed.bytes * 4 < plain.bytes, `${packed.bytes} bytes instead of ${plain.bytes}`);
});

async function listedBy(context: TestContext, packText: boolean) {
  const { drive, standin } = await standinDrive(context);
  const fill = { folders: 1, filesPerFolder: 500, size: 10 };
  await standin.control.drive().fill({ ...fill, under: 'many' });
  standin.control.drive().write('page.html', Buffer.from('<html>a file of HTML</html>'));
  standin.control.set({ packText });
  const tree = drive.tree!;
  const token = await tree.currentToken(BULK);
  await standin.control.drive().fill({ ...fill, under: 'more' });
  standin.control.log.clear();
  const listed = await names(drive, '/many/folder-000000');
  const { items } = await tree.snapshot(null, BULK);
  const { changes } = await tree.changes(token, BULK);
  const bytes = standin.control.log.entries.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  const page = await readText(drive, '/page.html');
  return { seen: [listed, items.map(({ path }) => path).sort(), changes.length, page], bytes };
}
