import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, decodedUrl, LIBRARY, type StandinClient } from '../../support/standin-client.js';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const http = (client: StandinClient, { method, path, body }: Operation) =>
  `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${method} ${client.standin.url}/_api/${path} HTTP/1.1\r\n` +
  `Accept: application/json;odata=nometadata\r\nContent-Type: application/json\r\n\r\n${body ?? ''}\r\n`;

/** GETs stand alone, writes in one change set before them. */
function send(client: StandinClient, writes: readonly Operation[], reads: readonly Operation[]) {
  const set = writes.map((write) => `--changeset_1\r\n${http(client, write)}`).join('');
  const writing = `--batch_1\r\nContent-Type: multipart/mixed; boundary="changeset_1"\r\n\r\n${set}--changeset_1--\r\n`;
  const reading = reads.map((read) => `--batch_1\r\n${http(client, read)}`).join('');
  return client.api('POST', '$batch', {
    body: `${writes.length === 0 ? '' : writing}${reading}--batch_1--\r\n`,
    headers: { 'Content-Type': 'multipart/mixed; boundary=batch_1' },
  });
}

test('a batch runs change sets and reads in order, each part for itself', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  for (const name of ['a', 'b']) drive.write(`${name}.txt`, name);
  const setModified = (path: string) => ({
    method: 'POST',
    path: `web/GetFileByServerRelativePath(${decodedUrl(path)})/ListItemAllFields/ValidateUpdateListItem`,
    body: JSON.stringify({
      formValues: [{ FieldName: 'Modified', FieldValue: '2020-01-02 03:04:05' }],
      bNewDocumentUpdate: true,
      datesInUTC: true,
    }),
  });
  const read = {
    method: 'GET',
    path: `web/GetFileByServerRelativePath(${decodedUrl('/a.txt')})?$select=TimeLastModified`,
  };
  const got = await send(
    client,
    [setModified('/a.txt'), setModified('/absent.txt'), setModified('/b.txt')],
    [read],
  );
  assert.equal(got.status, 200, got.text);
  const boundary = /boundary="([^"]+)"/.exec(String(got.headers['content-type']))![1]!;
  const parts = got.text.split(`--${boundary}`).slice(1, -1);
  assert.deepEqual(
    parts.map((part) => /HTTP\/1\.1 (\d+ \w+)/.exec(part)?.[1]),
    ['200 OK', '404 Not', '200 OK', '200 OK'],
  );
  assert.match(parts[3]!, /\{"TimeLastModified":"2020-01-02T03:04:05Z"\}/);
  assert.equal(drive.item('b.txt').modifiedMs, Date.UTC(2020, 0, 2, 3, 4, 5));
});

test('a batch has at most 100 operations, all of one site, and a digest', async (t) => {
  const client = await clientFor(t);
  const read = { method: 'GET', path: 'web/currentuser' };
  assert.equal((await send(client, [], Array(100).fill(read))).status, 200);
  assert.equal((await send(client, [], Array(101).fill(read))).status, 400);
  const bare = await client.send('POST', `${LIBRARY.replace('/Documents', '')}/_api/$batch`, { body: '' });
  assert.equal(bare.status, 403);
  const noBoundary = await client.api('POST', '$batch', {
    body: 'x',
    headers: { 'Content-Type': 'text/plain' },
  });
  assert.equal(noBoundary.status, 400);
});
