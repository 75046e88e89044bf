import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePath, Locations } from '../../../src/sharepoint/wire/locations.js';
import {
  isServersOwnAtTop,
  sharePointNames,
  sharePointTopNames,
} from '../../../src/sharepoint/wire/name-codec.js';
import { restUrl } from '../../../src/sharepoint/wire/rest-url.js';
import { parseSiteUrl } from '../../../src/sharepoint/wire/site-url.js';

const locations = new Locations({
  baseUrl: new URL('https://h.example/personal/u_x/My%20Documents/'),
  names: sharePointNames,
  topNames: sharePointTopNames,
  isServersOwn: isServersOwnAtTop,
  memory: null,
  longestPath: 400,
});
const asked = new URL('https://h.example/personal/u_x/My%20Documents/f/');

test('paths are percent-encoded once', () => {
  assert.equal(
    locations.fileUrl("/a b/100%/#&+'é.txt").href,
    'https://h.example/personal/u_x/My%20Documents/a%20b/100%25/%23%26%2B%27%C3%A9.txt',
  );
  assert.equal(locations.folderUrl('/').href, 'https://h.example/personal/u_x/My%20Documents/');
  assert.equal(locations.fileUrl('/a:b').pathname, encodeURI('/personal/u_x/My Documents/a：b'));
});

test('hrefs of all kinds lead to the path', () => {
  for (const href of [
    'https://h.example/personal/u_x/My%20Documents/f/a%2520b.txt',
    '/personal/u_x/My%20Documents/f/a%2520b.txt',
    'HTTP://other:8080/personal/u_x/My%20Documents/f/a%2520b.txt',
    'a%2520b.txt',
    './a%2520b.txt',
    '/Personal/U_x/my%20documents/f/a%2520b.txt',
  ]) {
    assert.equal(locations.pathOfHref(href, asked), '/f/a%20b.txt', href);
  }
  assert.equal(locations.pathOfHref('https://h.example/personal/u_x/My%20Documents', asked), '/');
  assert.equal(locations.pathOfHref('/personal/u_x/My Documents/f/100%', asked), '/f/100%');
  assert.equal(locations.pathOfHref(' /personal/u_x/My Documents/f/a\u00a0\n', asked), '/f/a\u00a0');
  assert.equal(locations.pathOfHref('/elsewhere/a', asked), null);
  assert.equal(locations.pathOfHref('/personal/u_x/My%20Documentsx/a', asked), null);
});

test('bytes that are no UTF-8 are shown, and are the same bytes on their way back', () => {
  const folder = '/personal/u_x/My%20Documents/f/';
  for (const [latin1, shown] of [
    ['caf%E9%20%C3%A9%F0%9F%98%80%F0%9F%98', /^\/f\/caf%E9 é😀%F0%9F%98~[0-9a-f]{8}$/],
    ['caf%E8', /^\/f\/caf%E8~[0-9a-f]{8}$/],
    ['%E9.txt', /^\/f\/%E9~[0-9a-f]{8}\.txt$/],
  ] as const) {
    const path = locations.pathOfHref(folder + latin1, asked)!;
    assert.match(path, shown);
    assert.equal(locations.fileUrl(path).pathname, folder + latin1);
    assert.equal(locations.pathOfHref(folder + latin1.toLowerCase(), asked), path);
  }
  assert.equal(locations.pathOfHref(`${folder}caf%25E8`, asked), '/f/caf%E8', 'another name');
  assert.throws(() => locations.fileUrl('/a\ud800'), { kind: 'bad-name' });
});

test('a path that the server would refuse for its length is refused before', () => {
  assert.throws(() => locations.fileUrl(`/${'x'.repeat(380)}`), { kind: 'bad-name' });
  assert.doesNotThrow(() => locations.fileUrl(`/${'x'.repeat(360)}`));
});

test('REST values: quotes doubled, long ones as aliases', () => {
  const web = new URL('https://h.example/personal/u_x');
  const path = 'web/GetFileByServerRelativePath(decodedurl={file})';
  assert.equal(
    restUrl(web, { path, values: { file: "/p/it's 100%&#.txt" } }).href,
    "https://h.example/personal/u_x/_api/web/GetFileByServerRelativePath(decodedurl='%2Fp%2Fit%27%27s%20100%25%26%23.txt')",
  );
  const long = `/p/${'ä'.repeat(250)}`;
  const aliased = restUrl(web, { path, values: { file: long }, query: '$select=Name' });
  assert.ok(aliased.pathname.endsWith('(decodedurl=@a1)'));
  assert.equal(aliased.searchParams.get('@a1'), `'${long}'`);
  assert.equal(aliased.searchParams.get('$select'), 'Name');
  assert.throws(() => restUrl(web, { path, values: { file: `/${'日'.repeat(380)}` } }), { kind: 'bad-name' });
});

test('what a browser shows leads to the web and the library', () => {
  const my = 'https://contoso-my.sharepoint.com/personal/user_contoso_com';
  const cases: [string, string, string | null][] = [
    [my, my, null],
    [`${my}/`, my, null],
    [`${my}/_layouts/15/onedrive.aspx?view=1`, my, null],
    [
      `${my}/_layouts/15/onedrive.aspx?id=%2Fpersonal%2Fuser%5Fcontoso%5Fcom%2FDocuments%2FA%20b`,
      my,
      'Documents',
    ],
    [`${my}/Documents/Forms/All.aspx`, my, 'Documents'],
    [`${my}/Documents/folder/deep`, my, 'Documents'],
    ['https://contoso.sharepoint.com/sites/Team', 'https://contoso.sharepoint.com/sites/Team', null],
    [
      'https://contoso.sharepoint.com/sites/Team/SitePages/Home.aspx',
      'https://contoso.sharepoint.com/sites/Team',
      null,
    ],
    [
      'https://contoso.sharepoint.com/sites/Team/Shared%20Documents/Forms/AllItems.aspx?web=1',
      'https://contoso.sharepoint.com/sites/Team',
      'Shared Documents',
    ],
    [
      'https://contoso.sharepoint.com/:f:/r/sites/Team/Shared%20Documents/x?csf=1',
      'https://contoso.sharepoint.com/sites/Team',
      'Shared Documents',
    ],
    [
      'https://contoso-my.sharepoint.com/personal/u_contoso_com/_layouts/15/onedrive.aspx?id=%2Fpersonal&view=0',
      'https://contoso-my.sharepoint.com/personal/u_contoso_com',
      null,
    ],
    [
      'https://contoso.sharepoint.com/sites/Team/Docs?id=%2Fsites%2Fother%2FDocs',
      'https://contoso.sharepoint.com/sites/Team',
      'Docs',
    ],
    ['contoso.sharepoint.com/Shared%20Documents', 'https://contoso.sharepoint.com/', 'Shared Documents'],
  ];
  for (const [shown, web, library] of cases) {
    const place = parseSiteUrl(shown);
    assert.deepEqual([place.webUrl.href, place.library], [web, library], shown);
  }
});

test("forms is the server's own at the top of a library, and a name like others below", () => {
  assert.equal(locations.serverPath('/Forms/Forms').slice(locations.basePath.length), '/\u201bForms/Forms');
  assert.equal(locations.drivePath(`${locations.basePath}/\u201bForms/Forms/a`), '/Forms/Forms/a');
  assert.equal(locations.drivePath(`${locations.basePath}/Forms`), null);
  assert.equal(locations.drivePath(`${locations.basePath}/Forms/AllItems.aspx`), null);
  const url = new URL(`https://contoso.test${encodePath(`${locations.basePath}/forms`)}`);
  assert.equal(locations.isServersOwn(url.href, url), true);
  const other = new URL(`https://contoso.test${encodePath(`${locations.basePath}/forms 2`)}`);
  assert.equal(locations.isServersOwn(other.href, other), false);
  const quoted = '/\u201bForms';
  assert.equal(locations.drivePath(locations.serverPath(quoted)), quoted, 'a quoted name stays itself');
});

test('names longer than POSIX takes, or such as the server would refuse, are shown apart and found again', () => {
  const base = locations.basePath;
  const long = 'あ'.repeat(200);
  const wireNames = [
    `${long}.docx`,
    `${long}い.docx`,
    `${long}い`,
    'ends with a dot.',
    'ends with a dot\uff0e',
    '~$open.docx',
  ];
  const shown = wireNames.map((name) => locations.drivePath(`${base}/folder/${name}`)!);
  assert.equal(new Set(shown).size, wireNames.length);
  for (const [at, path] of shown.entries()) {
    assert.ok(Buffer.byteLength(path.slice('/folder/'.length)) <= 255);
    assert.equal(locations.serverPath(path), `${base}/folder/${wireNames[at]}`);
  }
  assert.match(shown[0]!, /^\/folder\/あ+~[0-9a-f]{8}\.docx$/);
  assert.equal(shown[4], '/folder/ends with a dot.', 'what was stored by us is shown as it was given');
});
