/**
 * WebDAV servers as there are: ETags that never change, names that come back composed, conditions that are not
 * heeded, folders that are moved by a name with a slash alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedBody } from '../../../src/sharepoint/http/body.js';
import { ifMatch } from '../../../src/sharepoint/verbs/conditions.js';
import { genericDialect } from '../../../src/sharepoint/verbs/generic-dialect.js';
import { list } from '../../../src/sharepoint/verbs/list.js';
import { relocate } from '../../../src/sharepoint/verbs/move.js';
import { read } from '../../../src/sharepoint/verbs/read.js';
import { RecentWrites } from '../../../src/sharepoint/verbs/recent-writes.js';
import type { Remote } from '../../../src/sharepoint/verbs/remote.js';
import { remove } from '../../../src/sharepoint/verbs/remove.js';
import { Spellings } from '../../../src/sharepoint/verbs/spellings.js';
import { stat } from '../../../src/sharepoint/verbs/stat.js';
import { upload } from '../../../src/sharepoint/verbs/upload.js';
import { FakeClock } from '../../support/fake-clock.js';
import { plainLocations } from '../../support/plain-locations.js';

const ASKING = { signal: new AbortController().signal, lane: 'interactive' } as const;
const SECONDS = ['Tue, 01 Dec 2026 10:00:00 GMT', 'Tue, 01 Dec 2026 10:00:01 GMT'] as const;

/** Says `text` to every PROPFIND, `content` to every GET. */
function remoteSaying(text: () => string, content = ''): Remote {
  const send = async ({ method }: { method: string }) => {
    const [status, said] =
      method === 'GET' ? [200, content] : [207, `<D:multistatus>${text()}</D:multistatus>`];
    const body = replayedBody([Buffer.from(said)]);
    return { status, headers: { etag: '"same"', 'content-length': String(Buffer.byteLength(said)) }, body };
  };
  const locations = plainLocations();
  const recent = new RecentWrites(new FakeClock());
  const ways = { mayTry: () => true, isProven: () => false };
  const spellings = new Spellings();
  const clock = new FakeClock();
  return {
    dav: { send },
    rest: null,
    recent,
    spellings,
    ways,
    clock,
    locations,
    dialect: genericDialect,
  } as unknown as Remote;
}

const response = (href: string, properties: string) =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`;

const file = (href: string, size: number, modified: string) =>
  response(
    href,
    `<D:getetag>"same"</D:getetag><D:getcontentlength>${size}</D:getcontentlength><D:getlastmodified>${modified}</D:getlastmodified>`,
  );

test('a file whose ETag never changes is another version with another size or time', async () => {
  const versions = new Set<string>();
  for (const [size, modified] of [
    [3, SECONDS[0]],
    [4, SECONDS[0]],
    [3, SECONDS[1]],
  ] as const) {
    const remote = remoteSaying(() => file('/a', size, modified));
    const { version } = await stat(remote, '/a', ASKING);
    versions.add(version);
    assert.deepEqual(
      ifMatch(remote, version),
      { 'if-match': '"same"' },
      'conditions are made of the ETag alone',
    );
  }
  assert.equal(versions.size, 3);
});

test('what is served under the ETag of a version is that version', async () => {
  const remote = remoteSaying(() => file('/a', 3, SECONDS[0]), 'abc');
  const { version } = await stat(remote, '/a', ASKING);
  const content = await read(remote, '/a', { ...ASKING, version });
  assert.equal(content.version, version);
  const whatever = await read(remote, '/a', ASKING);
  assert.equal(whatever.version, version, 'asked for, as the answer tells only its ETag');
  await assert.rejects(read(remote, '/a', { ...ASKING, version: '"other" 3 0' }), { kind: 'changed' });
});

test('a folder that the server calls by its composed name is listed under the name that was asked for', async () => {
  const folder = response('/dir%C3%A9/', '<D:resourcetype><D:collection/></D:resourcetype>');
  const remote = remoteSaying(() => folder + file('/dir%C3%A9/in', 1, SECONDS[0]));
  const names: string[] = [];
  for await (const { items } of list(remote, '/dire\u0301', ASKING))
    for (const { name } of items) names.push(name);
  assert.deepEqual(names, ['in']);
});

test('a comment before the answer about one item is not the answer, whatever is in it', async () => {
  const comment = '<!-- <D:response><D:href>/b</D:href></D:response> -->';
  const remote = remoteSaying(() => comment + file('/a', 3, SECONDS[0]) + comment);
  const { size, modifiedMs } = await stat(remote, '/a', ASKING);
  assert.deepEqual([size, modifiedMs], [3, Date.parse(SECONDS[0])]);
});

/** Does whatever it is asked, on whatever condition: Go's and nginx's WebDAV do. */
function heedless(asked: string[]): Remote {
  const remote = remoteSaying(() => file('/a', 6, SECONDS[0]));
  const { send } = remote.dav as unknown as { send(request: { method: string }): Promise<object> };
  const noted = async (request: { method: string }) => {
    asked.push(request.method);
    return request.method === 'PROPFIND' ? send(request) : { ...(await send(request)), status: 204 };
  };
  return { ...remote, dav: { send: noted }, limits: { chunkThreshold: Infinity } } as unknown as Remote;
}

test('what somebody else made or changed is neither overwritten nor removed where conditions are not heeded', async () => {
  const asked: string[] = [];
  const remote = heedless(asked);
  const payload = { size: 4, open: () => replayedBody([Buffer.from('ours')]) };
  await assert.rejects(upload(remote, '/a', payload, { ...ASKING, modifiedMs: 0, base: 'absent' }), {
    kind: 'exists',
  });
  const stale = '"before" 6 0';
  const base = { version: stale };
  await assert.rejects(upload(remote, '/a', payload, { ...ASKING, modifiedMs: 0, base }), {
    kind: 'changed',
  });
  await assert.rejects(remove(remote, '/a', { ...ASKING, kind: 'file', version: stale }), {
    kind: 'changed',
  });
  assert.deepEqual(new Set(asked), new Set(['PROPFIND']));
  const { version } = await stat(remote, '/a', ASKING);
  assert.equal(await remove(remote, '/a', { ...ASKING, kind: 'file', version }), true);
});

test('a file is read whose ETag only its content tells, and another version of it is not', async () => {
  let size = 5;
  const properties = () =>
    response(
      '/f',
      `<D:getcontentlength>${size}</D:getcontentlength><D:getlastmodified>${SECONDS[0]}</D:getlastmodified>`,
    );
  const remote = remoteSaying(properties, 'bytes');
  const { version } = await stat(remote, '/f', ASKING);
  assert.equal((await read(remote, '/f', { ...ASKING, version })).version, version);
  size = 6;
  await assert.rejects(read(remote, '/f', { ...ASKING, version }), { kind: 'changed' });
});

test('a folder is moved by its name with a slash where the server wants one', async () => {
  const ends: string[] = [];
  const folder = response('/a/', '<D:resourcetype><D:collection/></D:resourcetype>');
  const remote = remoteSaying(() => folder);
  const { send } = remote.dav as unknown as { send(request: unknown): Promise<object> };
  const strict = async (request: { method: string; url: URL; headers: { destination?: string } }) => {
    if (request.method !== 'MOVE') return send(request);
    ends.push(`${request.url.pathname} ${request.headers.destination}`);
    return { ...(await send(request)), status: request.url.pathname.endsWith('/') ? 201 : 400 };
  };
  const clock = new FakeClock();
  const given = { ...remote, clock, dav: { send: strict } } as unknown as Remote;
  await relocate(given, 'MOVE', { from: '/a', to: '/b' }, { ...ASKING, overwrite: false });
  assert.deepEqual(ends, ['/a https://h.test/b', '/a/ https://h.test/b/']);
});

for (const status of [400, 414]) {
  test(`a name that the server does not even take a question about (${status}) is refused for the name`, async () => {
    const remote = remoteSaying(() => '');
    const send = async () => ({ status, headers: {}, body: replayedBody([]) });
    const picky = { ...remote, dav: { send }, limits: { chunkThreshold: Infinity } } as unknown as Remote;
    const payload = { size: 4, open: () => replayedBody([Buffer.from('ours')]) };
    const options = { ...ASKING, modifiedMs: 0, base: 'absent' } as const;
    await assert.rejects(upload(picky, '/new\nline', payload, options), { kind: 'bad-name' });
  });
}
