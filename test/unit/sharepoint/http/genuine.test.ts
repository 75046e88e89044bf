import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveError } from '../../../../src/drive/index.js';
import { replayedBody } from '../../../../src/sharepoint/http/body.js';
import { genuineLayer, judgedBy } from '../../../../src/sharepoint/http/genuine-layer.js';
import { type HttpResponse, layered, type Transport } from '../../../../src/sharepoint/http/transport.js';
import { genuineSharePoint, genuineWebDav } from '../../../../src/sharepoint/wire/genuine.js';

const URL_ASKED = new URL('https://contoso-my.sharepoint.com/personal/u/Documents/a.html');
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const MARK = { sprequestguid: 'guid' };

type Row = [what: string, status: number, headers: Record<string, string>, expected: string];

const SHAREPOINT: Row[] = [
  ['its own answer', 200, { ...MARK, ...HTML }, 'genuine'],
  [
    'its own redirect to the login host',
    302,
    { ...MARK, location: 'https://login.microsoftonline.com/x' },
    'genuine',
  ],
  [
    'a stored page, by the ETag of its item',
    200,
    { ...HTML, etag: '"{0e4d1522-3a4f-4116-a4c2-e2e3675a8e9a},2"' },
    'genuine',
  ],
  ['a redirect to another host', 302, { location: 'https://portal.hotel.example/login' }, 'foreign'],
  [
    'a redirect out of TLS, however it is called',
    302,
    { location: 'http://login.hotel.example/' },
    'foreign',
  ],
  [
    'a redirect by a company gateway to its sign-in',
    302,
    { location: 'https://sts.contoso.com/adfs/ls/?x' },
    'genuine',
  ],
  ['a redirect on the same host', 302, { location: '/_layouts/15/Authenticate.aspx' }, 'genuine'],
  ['a page that nobody marked', 200, HTML, 'look'],
  ['a network that wants a sign-in', 511, HTML, 'foreign'],
  ['an error of a gateway', 502, HTML, 'genuine'],
  ['not modified', 304, {}, 'genuine'],
];
for (const [what, status, headers, expected] of SHAREPOINT) {
  test(`SharePoint: ${what}`, () => {
    assert.equal(genuineSharePoint({ status, headers, url: URL_ASKED }), expected);
  });
}

const WEBDAV: (readonly [...Row, method: string])[] = [
  ['an HTML file', 200, HTML, 'genuine', 'GET'],
  ['a page instead of a listing', 200, HTML, 'foreign', 'PROPFIND'],
  ['a listing', 207, HTML, 'genuine', 'PROPFIND'],
  ['a redirect to another host', 302, { location: 'http://portal.example/' }, 'foreign', 'GET'],
  [
    'a redirect to another port',
    301,
    { location: 'https://contoso-my.sharepoint.com:8443/' },
    'genuine',
    'GET',
  ],
];
for (const [what, status, headers, expected, method] of WEBDAV) {
  test(`WebDAV: ${what}`, () => {
    assert.equal(genuineWebDav({ method, status, headers, url: URL_ASKED }), expected);
  });
}

async function sent(status: number, headers: Record<string, string>, text: string): Promise<HttpResponse> {
  const answering: Transport = {
    send: async () => ({
      status,
      headers,
      setCookies: [],
      body: replayedBody([Buffer.from(text)]),
      afterDoubt: false,
    }),
  };
  const request = {
    method: 'PROPFIND',
    url: URL_ASKED,
    headers: {},
    body: null,
    lane: 'interactive',
    repeat: 'always',
    silenceMs: 1000,
    patienceMs: 1000,
  } as const;
  return layered(answering, judgedBy(genuineSharePoint), genuineLayer).send(
    request,
    new AbortController().signal,
  );
}

test('a page of the network in between is no answer; a sign-in page of the server is', async () => {
  const isUnreachable = (error: unknown) => error instanceof DriveError && error.kind === 'unreachable';
  await assert.rejects(sent(200, HTML, '<title>Hotel WLAN</title>Please accept our terms'), isUnreachable);
  const page = await sent(200, HTML, '<input name="loginfmt">');
  let text = '';
  for await (const piece of page.body) text += Buffer.from(piece).toString();
  assert.equal(text, '<input name="loginfmt">');
});
