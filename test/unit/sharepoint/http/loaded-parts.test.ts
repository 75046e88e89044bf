import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const HTTP = new URL('../../../../src/sharepoint/http/', import.meta.url).href;
/** A whole stack of requests with one request answered, and what of Node's and undici's own `fetch` is loaded then. */
const PROGRAM = `
  const { DavClient } = await import('${HTTP}dav-client.js');
  const { UndiciTransport } = await import('${HTTP}undici-transport.js');
  await import('${HTTP}reach-server.js');
  const url = new URL('http://127.0.0.1:1/f');
  const answer = { status: 404, headers: {}, url, body: null };
  const client = new DavClient(url, { send: () => Promise.resolve(answer) });
  const { status } = await client.send({ method: 'GET', url, headers: {}, body: null }, new AbortController().signal);
  if (status !== 404 || !UndiciTransport) throw new Error('nothing was sent');
  const { default: module } = await import('node:module');
  const ours = Object.keys(module._cache).filter((path) => path.includes('/undici/lib/web/fetch/'));
  const nodes = process.moduleLoadList.filter((name) => name.includes('undici'));
  console.log(JSON.stringify([...ours, ...nodes]));
`;

test('no fetch is loaded for requests that go without it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM]);
  assert.deepEqual(JSON.parse(stdout), []);
});
