import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientFor, hrefs, LIBRARY, SITE, xmlText } from '../../support/standin-client.js';

const NAMED = (names: string) =>
  `<?xml version="1.0"?><D:propfind xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:prop>${names}</D:prop></D:propfind>`;

test('T2.1 OPTIONS tells the classic server; without a session it is 403', async (t) => {
  const client = await clientFor(t);
  const got = await client.dav('OPTIONS', '/');
  assert.equal(got.status, 200);
  assert.equal(got.headers.dav, '1,2');
  assert.equal(got.headers['x-msdavext'], '1');
  assert.match(String(got.headers.allow), /PROPFIND.*LOCK, UNLOCK/);
  assert.equal(got.headers['ms-author-via'], 'MS-FP/4.0,DAV');
  const refused = await client.dav('OPTIONS', '/', { signedIn: false });
  assert.equal(refused.status, 403);
  assert.match(String(refused.headers['x-msdavext_error']), /^917656; /);
});

test('T2.2 Depth 0 and 1, none at all, Depth 1 on a file', async (t) => {
  const client = await clientFor(t);
  const drive = client.standin.control.drive();
  drive.write('folder/inner/deep.txt', 'x');
  drive.write('folder/a.txt', 'abc');
  const find = (depth: string | null, path: string) =>
    client.dav('PROPFIND', path, { headers: depth === null ? {} : { Depth: depth } });
  assert.equal(hrefs(await find('0', '/folder/')).length, 1);
  assert.equal(hrefs(await find('1', '/folder/')).length, 3);
  assert.equal(hrefs(await find('0', '/folder/a.txt')).length, 1);
  const asListing = await find('1', '/folder/a.txt');
  assert.equal(`${asListing.status} ${asListing.reason}`, '404 NOT FOUND');
  assert.equal((await find('0', '/absent')).status, 404);
  assert.equal(hrefs(await find(null, '/folder/')).length, 4);
  assert.equal(hrefs(await find('infinity', '/')).length, 5);
  client.standin.control.set({ depthInfinity: 'refuse' });
  assert.equal((await find('infinity', '/')).status, 403);
  const listing = await find('1', '/folder/');
  assert.equal(`${listing.status} ${listing.reason}`, '207 MULTI-STATUS');
});

test('T2.2 a malformed body is 400', async (t) => {
  const client = await clientFor(t);
  for (const body of ['<D:propfind', '<x:y/>', 'no xml']) {
    assert.equal((await client.dav('PROPFIND', '/', { headers: { Depth: '0' }, body })).status, 400);
  }
});

test('T2.3 hrefs are absolute, percent-encoded once and escaped for XML', async (t) => {
  const client = await clientFor(t);
  const name = "sp ace #1 100% a&b+c 'q' é 🚀.txt";
  client.standin.control.drive().write(name, 'x');
  const got = await client.dav('PROPFIND', '/', { headers: { Depth: '1' } });
  const [folder, file] = hrefs(got);
  assert.equal(folder, `${client.standin.origin}${LIBRARY}`);
  assert.equal(
    file,
    `${client.standin.origin}${LIBRARY}/sp%20ace%20%231%20100%25%20a&amp;b+c%20&#39;q&#39;%20%C3%A9%20%F0%9F%9A%80.txt`,
  );
  assert.equal(
    xmlText(got.text.slice(got.text.indexOf(file!)), 'D:displayname'),
    'sp ace #1 100% a&amp;b+c &#39;q&#39; é 🚀.txt',
  );
  const itself = await client.dav('PROPFIND', `/${encodeURIComponent(name)}`, { headers: { Depth: '0' } });
  assert.equal(itself.status, 207);
});

test('T2.3 switches: relative hrefs, slashes of folders', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().makeFolder('f');
  const listed = async (path: string) =>
    hrefs(await client.dav('PROPFIND', path, { headers: { Depth: '1' } }));
  client.standin.control.set({ hrefs: 'relative', folderSlash: 'always' });
  assert.deepEqual(await listed('/'), [`${LIBRARY}/`, `${LIBRARY}/f/`]);
  client.standin.control.set({ folderSlash: 'as-asked' });
  assert.deepEqual(await listed('/'), [`${LIBRARY}/`, `${LIBRARY}/f`]);
  assert.deepEqual(await listed(''), [LIBRARY, `${LIBRARY}/f`]);
});

test('T2.4 dates: RFC 1123 for all but Office, which gets ISO', async (t) => {
  const client = await clientFor(t);
  const modifiedMs = Date.UTC(2020, 4, 3, 1, 2, 3);
  client.standin.control.drive().write('a.txt', 'x', { modifiedMs, createdMs: modifiedMs });
  const dateFor = async (userAgent: string) => {
    const got = await client.dav('PROPFIND', '/a.txt', { headers: { Depth: '0', 'User-Agent': userAgent } });
    return xmlText(got.text, 'D:getlastmodified');
  };
  assert.equal(await dateFor('davfs2/1.6'), 'Sun, 03 May 2020 01:02:03 GMT');
  assert.equal(await dateFor('Microsoft Office Existence Discovery'), '2020-05-03T01:02:03Z');
  client.standin.control.set({ looseDates: true });
  assert.equal(await dateFor('davfs2/1.6'), 'Sun, 3 May 2020 01:02:03 GMT');
});

test('T2.5 the properties of files and folders', async (t) => {
  const client = await clientFor(t);
  client.standin.control.drive().write('f/a.txt', 'twelve bytes');
  const file = (await client.dav('PROPFIND', '/f/a.txt', { headers: { Depth: '0' } })).text;
  assert.doesNotMatch(file, /resourcetype|getcontenttype|iscollection/);
  assert.equal(xmlText(file, 'D:getcontentlength'), '12');
  assert.match(file, /<D:supportedlock><D:lockentry>/);
  assert.match(String(xmlText(file, 'Office:modifiedby')), /user@contoso\.com$/);
  const folder = (await client.dav('PROPFIND', '/f', { headers: { Depth: '0' } })).text;
  for (const [name, value] of Object.entries({
    isFolder: 't',
    iscollection: '1',
    ishidden: '0',
    getcontentlength: '0',
  })) {
    assert.equal(xmlText(folder, `D:${name}`), value);
  }
  assert.match(folder, /<D:resourcetype><D:collection\/><\/D:resourcetype>/);
  assert.equal(xmlText(folder, 'Repl:authoritative-directory'), 't');
});

test('T2.5 named properties come in groups of 200 and 404; Win32 times are kept and given back', async (t) => {
  const client = await clientFor(t);
  const modifiedMs = Date.UTC(2021, 0, 1);
  client.standin.control.drive().write('a.txt', 'x', { modifiedMs });
  const stamp = 'Sat, 21 Feb 2015 13:03:01 GMT';
  const patch =
    '<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>' +
    `<Z:Win32LastModifiedTime>${stamp}</Z:Win32LastModifiedTime><D:getetag>no</D:getetag></D:prop></D:set></D:propertyupdate>`;
  const patched = await client.dav('PROPPATCH', '/a.txt', { body: patch });
  assert.equal(patched.status, 207);
  assert.match(patched.text, /403 FORBIDDEN/);
  const body = NAMED('<Z:Win32LastModifiedTime/><D:getcontentlength/><D:quota-used-bytes/><D:nonsense/>');
  const got = (await client.dav('PROPFIND', '/a.txt', { headers: { Depth: '0' }, body })).text;
  assert.equal(xmlText(got, 'Z:Win32LastModifiedTime'), stamp);
  assert.match(
    got,
    /HTTP\/1\.1 200 OK.*<D:quota-used-bytes\/><D:nonsense\/><\/D:prop><D:status>HTTP\/1\.1 404 NOT FOUND/,
  );
  const all = (await client.dav('PROPFIND', '/a.txt', { headers: { Depth: '0' } })).text;
  assert.equal(xmlText(all, 'D:getlastmodified'), new Date(modifiedMs).toUTCString());
  client.standin.control.set({ quotaProperties: true });
  const quota = NAMED('<D:quota-used-bytes/><D:quota-available-bytes/>');
  const root = (await client.dav('PROPFIND', '/', { headers: { Depth: '0' }, body: quota })).text;
  assert.equal(xmlText(root, 'D:quota-used-bytes'), '1');
});

test('T2.6 the ETag: same GUID over overwrite and rename, N up on content and metadata', async (t) => {
  const client = await clientFor(t);
  const tag = async (path: string) => {
    const got = await client.dav('PROPFIND', path, { headers: { Depth: '0' } });
    const [, guid, version] = /\{([0-9A-F-]{36})\},(\d+)/.exec(String(xmlText(got.text, 'D:getetag')))!;
    const resourceTag = xmlText(got.text, 'Repl:resourcetag');
    assert.equal(resourceTag, `rt:${guid}@${version!.padStart(11, '0')}`);
    assert.equal(xmlText(got.text, 'Repl:repl-uid'), `rid:{${guid}}`);
    return { guid, version: Number(version) };
  };
  await client.dav('PUT', '/a.txt', { body: 'one' });
  const first = await tag('/a.txt');
  await client.dav('PUT', '/a.txt', { body: 'two' });
  const second = await tag('/a.txt');
  client.standin.control.drive().setTimes('a.txt', { modifiedMs: 0 });
  const third = await tag('/a.txt');
  const destination = `${client.standin.origin}${LIBRARY}/b.txt`;
  await client.dav('MOVE', '/a.txt', { headers: { Destination: destination } });
  const moved = await tag('/b.txt');
  assert.deepEqual(new Set([second.guid, third.guid, moved.guid]), new Set([first.guid]));
  assert.deepEqual([first.version, second.version, third.version], [1, 2, 3]);
  const rest = await client.api(
    'GET',
    `web/GetFileByServerRelativePath(decodedurl='${LIBRARY}/b.txt')?$select=UniqueId`,
  );
  assert.equal(rest.text, JSON.stringify({ UniqueId: first.guid!.toLowerCase() }));
});

test('T2.16 a folder of 6 000 entries is listed whole; a threshold fails or truncates it', async (t) => {
  const client = await clientFor(t);
  await client.standin.control.drive().fill({ folders: 1, filesPerFolder: 6000, size: 1 });
  const list = () => client.dav('PROPFIND', '/folder-000000', { headers: { Depth: '1' } });
  assert.equal(hrefs(await list()).length, 6001);
  client.standin.control.set({ bigFolderThreshold: 5000 });
  assert.equal((await list()).status, 500);
  client.standin.control.set({ bigFolderAnswer: '403' });
  assert.equal((await list()).status, 403);
  client.standin.control.set({ bigFolderAnswer: 'truncate' });
  assert.equal(hrefs(await list()).length, 5001);
});

test('the site itself lists its library', async (t) => {
  const client = await clientFor(t);
  const got = await client.send('PROPFIND', `${SITE}/`, { headers: { Depth: '1' } });
  assert.deepEqual(hrefs(got), [`${client.standin.origin}${SITE}`, `${client.standin.origin}${LIBRARY}`]);
});
