/** The listing that the probe looks for its file in, as servers write it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asker } from '../../../src/sharepoint/probe/asker.js';
import { countResponses, findPlace } from '../../../src/sharepoint/probe/place.js';

const WEB = new URL('https://host/personal/u');
const LIBRARY = new URL('https://host/personal/u/Documents');

/** `p` is the prefix with its colon, or nothing. */
function listing(p: string): string {
  const xmlns = p === '' ? 'xmlns="DAV:"' : `xmlns:${p.slice(0, -1)}="DAV:"`;
  const entry = (href: string, properties: string) =>
    `<${p}response><${p}href>${href}</${p}href><${p}propstat><${p}prop>${properties}</${p}prop>` +
    `<${p}status>HTTP/1.1 200 OK</${p}status></${p}propstat></${p}response>\n`;
  const folder = `<${p}resourcetype><${p}collection/></${p}resourcetype><${p}getetag>"f"</${p}getetag>`;
  const file =
    `<${p}resourcetype/><${p}getcontentlength>12</${p}getcontentlength>` +
    `<${p}getetag>&quot;{A},2&quot;</${p}getetag>`;
  const noise = `<!-- <${p}response> is no answer --><${p}x><![CDATA[<${p}response>]]></${p}x>`;
  return (
    `<?xml version="1.0"?><${p}multistatus ${xmlns}>${entry('/personal/u/Documents/', folder)}${noise}` +
    `${entry('/personal/u/Documents/Folder', folder)}${entry('/personal/u/Documents/a%20&amp;%20b.txt', file)}` +
    `</${p}multistatus>`
  );
}

function asker(text: string): Asker {
  const answer = { status: 207, headers: {}, text, failure: null, isCut: false, tookMs: 1 };
  return { ask: async () => answer } as unknown as Asker;
}

for (const prefix of ['D:', 'd:', 'lp1:', 'ns-0.a:', '']) {
  test(`with the prefix "${prefix}"`, async () => {
    const place = await findPlace(asker(listing(prefix)), WEB, LIBRARY);
    assert.equal(place.topEntries, 2);
    assert.equal(place.file?.url.href, 'https://host/personal/u/Documents/a%20&%20b.txt');
    assert.deepEqual([place.file?.etag, place.file?.size], ['"{A},2"', 12]);
  });
}

test('of an answer that was cut off what is there counts', async () => {
  const whole = listing('D:');
  assert.equal(await countResponses(whole), 3);
  assert.equal(await countResponses(whole.slice(0, whole.lastIndexOf('<D:href>'))), 2);
  assert.equal(await countResponses('<html><body>no</body></html>'), 0);
});

test('what is no file of some bytes, or elsewhere, is not asked about', async () => {
  for (const [from, to] of [
    ['>12<', '>1<'],
    ['>12<', '>9999999<'],
    ['&quot;{A},2&quot;', ''],
    ['/personal/u/Documents/a', 'https://elsewhere/a'],
  ] as const) {
    const { file } = await findPlace(asker(listing('D:').replace(from, to)), WEB, LIBRARY);
    assert.equal(file, null, to);
  }
});
