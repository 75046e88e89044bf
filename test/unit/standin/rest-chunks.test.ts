import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, decodedUrl, json, LIBRARY, type StandinClient } from '../../support/standin-client.js';

const ID = '7a1b2c3d-0000-4000-8000-0123456789ab';
const FILE = `web/GetFileByServerRelativePath(${decodedUrl('/a.bin')})`;

const call = (client: StandinClient, name: string, body = '', id = ID) =>
  client.api('POST', `${FILE}/${name.replace('ID', `uploadId=guid'${id}'`)}`, { body });

test('T3.4 Start, Continue, Finish: offsets as text, nothing visible before the end', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  assert.equal((await call(client, 'StartUpload(ID)', 'x')).status, 404);
  drive.write('a.bin', 'old');
  const verbose = await client.api('POST', `${FILE}/StartUpload(uploadId=guid'${ID}')`, {
    body: '01234',
    headers: { Accept: 'application/json;odata=verbose' },
  });
  assert.deepEqual(json(verbose), { d: { StartUpload: '5' } });
  assert.deepEqual(json(await call(client, 'ContinueUpload(ID,fileOffset=5)', '56789')), { value: '10' });
  assert.equal((await drive.read('a.bin')).toString(), 'old');
  const status = json(await call(client, 'GetUploadStatus(ID)'));
  assert.equal(status.ExpectedContentRange, 'bytes 10-');
  const done = json(await call(client, 'FinishUpload(ID,fileOffset=10)', 'ab'));
  assert.equal(done.Length, '12');
  assert.match(String(done.ETag), /,2"$/);
  assert.equal((await drive.read('a.bin')).toString(), '0123456789ab');
});

test('T3.4 wrong offsets, unknown ids, the last chunk sent twice', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.bin', '');
  await call(client, 'StartUpload(ID)', '01234');
  const wrong = await call(client, 'ContinueUpload(ID,fileOffset=4)', 'x');
  assert.equal(wrong.status, 409);
  client.standin.control.set({ uploadOffsetStatus: 400 });
  assert.equal((await call(client, 'FinishUpload(ID,fileOffset=6)', 'x')).status, 400);
  assert.equal(
    (await call(client, 'ContinueUpload(ID,fileOffset=0)', 'x', ID.replace('7', '8'))).status,
    404,
  );
  await call(client, 'FinishUpload(ID,fileOffset=5)', '01234');
  assert.equal((await drive.read('a.bin')).toString(), '0123401234');
  assert.equal((await call(client, 'FinishUpload(ID,fileOffset=5)', '')).status, 404);
});

test('T3.4 a session that rests for 30 minutes is gone; two sessions on one file live side by side', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  const other = ID.replace('7', '9');
  drive.write('a.bin', 'old');
  await call(client, 'StartUpload(ID)', 'first');
  await call(client, 'StartUpload(ID)', 'second', other);
  client.standin.control.clock.advance(29 * 60_000);
  assert.equal((await call(client, 'ContinueUpload(ID,fileOffset=6)', '', other)).status, 200);
  client.standin.control.clock.advance(2 * 60_000);
  client.signIn();
  assert.equal((await call(client, 'ContinueUpload(ID,fileOffset=5)', 'x')).status, 404);
  assert.equal((await call(client, 'FinishUpload(ID,fileOffset=6)', '', other)).status, 200);
  assert.equal((await drive.read('a.bin')).toString(), 'second');
});

test('T3.4 CancelUpload removes a file that the upload itself made, and no other', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.bin', 'old');
  await call(client, 'StartUpload(ID)', 'x');
  assert.equal((await call(client, 'CancelUpload(ID)')).status, 200);
  assert.equal((await drive.read('a.bin')).toString(), 'old');
  drive.remove('a.bin');
  const folder = `web/GetFolderByServerRelativePath(decodedurl='${LIBRARY}')`;
  const chained = `${folder}/Files/AddStubUsingPath(DecodedUrl=@a2)/StartUploadFile(uploadId=@a3)?@a2='a.bin'&@a3=guid'${ID}'`;
  assert.deepEqual(json(await client.api('POST', chained, { body: 'new' })), { value: '3' });
  assert.equal((await drive.read('a.bin')).length, 0);
  assert.equal((await call(client, 'CancelUpload(ID)')).status, 200);
  assert.equal(drive.has('a.bin'), false);
});

test('T3.4 a chunk that breaks off or is too large leaves the session where it was', async (t) => {
  const client = await clientFor(t, { switches: { restMaxBytes: 200_000 } });
  const { control } = client.standin;
  control.drive().write('a.bin', 'old');
  await call(client, 'StartUpload(ID)', 'x'.repeat(100_000));
  assert.equal((await call(client, 'ContinueUpload(ID,fileOffset=100000)', 'x'.repeat(200_001))).status, 400);
  control.set({ resetUploadAfterBytes: 50_000 });
  await assert.rejects(call(client, 'ContinueUpload(ID,fileOffset=100000)', 'x'.repeat(150_000)));
  control.set({ resetUploadAfterBytes: 0 });
  assert.equal(json(await call(client, 'GetUploadStatus(ID)')).ExpectedContentRange, 'bytes 100000-');
  assert.equal((await call(client, 'FinishUpload(ID,fileOffset=100000)', 'end')).status, 200);
  assert.equal((await control.drive().read('a.bin')).length, 100_003);
});

test('a body that is refused before its end leaves the connection usable', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('a.bin', '');
  client.standin.control.set({ restMaxBytes: 1000 });
  const large = 'x'.repeat(600_000);
  for (let at = 0; at < 3; at++) assert.equal((await call(client, 'StartUpload(ID)', large)).status, 400);
  assert.equal((await call(client, 'StartUpload(ID)', 'small')).status, 200);
});

test('zeros are received as holes and given back as zeros', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('a.bin', '');
  const zeros = '\0'.repeat(300_000);
  const parts = [zeros, `x${zeros}y`, zeros];
  let offset = 0;
  for (const [at, part] of parts.entries()) {
    const name = at === 0 ? 'StartUpload(ID)' : `ContinueUpload(ID,fileOffset=${offset})`;
    assert.equal((await call(client, name, part)).status, 200);
    offset += part.length;
  }
  await call(client, `FinishUpload(ID,fileOffset=${offset})`, zeros);
  assert.equal((await drive.read('a.bin')).equals(Buffer.from([...parts, zeros].join(''))), true);
});

test('a chunk that breaks off is never part of the content, however soon the next one comes', async (t) => {
  const client = await clientFor(t);
  const { control } = client.standin;
  control.drive().write('a.bin', '');
  const part = (letter: string) => letter.repeat(400_000);
  assert.equal((await call(client, 'StartUpload(ID)', part('a'))).status, 200);
  for (let at = 0; at < 5; at++) {
    control.set({ resetUploadAfterBytes: 200_000 });
    await assert.rejects(call(client, 'ContinueUpload(ID,fileOffset=400000)', part('x')));
    control.set({ resetUploadAfterBytes: 0 });
    const status = json(await call(client, 'GetUploadStatus(ID)'));
    assert.equal(status.ExpectedContentRange, 'bytes 400000-');
  }
  assert.equal((await call(client, 'ContinueUpload(ID,fileOffset=400000)', part('b'))).status, 200);
  await call(client, 'FinishUpload(ID,fileOffset=800000)', part('c'));
  const expected = Buffer.from(part('a') + part('b') + part('c'));
  assert.equal((await control.drive().read('a.bin')).equals(expected), true);
});
