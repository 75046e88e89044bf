import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientFor, LIBRARY, SITE } from '../../support/standin-client.js';

const SCRAPS = [
  'web',
  '/',
  '(',
  ')',
  "'",
  "''",
  '@a',
  '=',
  ',',
  'decodedurl',
  'GetFileByServerRelativePath',
  'GetList',
  'Files',
  'AddUsingPath',
  'StartUpload',
  "uploadId=guid'x'",
  '$value',
  'lists',
  '%2525',
  '%20',
  '%',
  LIBRARY,
  'v2.0/drive/root:',
  ':',
  '/children',
  'delta',
  '$batch',
  'items/',
  '?token=x',
  '\u00e9',
  '..',
];
const scrap = fc.array(fc.constantFrom(...SCRAPS), { maxLength: 8 }).map((parts) => parts.join(''));
const method = fc.constantFrom(
  'GET',
  'POST',
  'PROPFIND',
  'PUT',
  'DELETE',
  'MOVE',
  'LOCK',
  'PROPPATCH',
  'MKCOL',
  'REPORT',
);
const body = fc.constantFrom(
  '',
  '{}',
  '[]',
  'null',
  '{"query":1}',
  '{"parameters":null}',
  '<',
  '<a/>',
  '--x',
  '\u0000',
);

test('nonsense is refused, never a failure of the stand-in', async (t) => {
  const client = await clientFor(t);
  const digest = await client.digest();
  const authorization = `Bearer ${client.standin.control.accessToken(client.standin.origin)}`;
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.constantFrom(LIBRARY, `${SITE}/_api`, SITE, ''),
      scrap,
      body,
      async (verb, place, rest, text) => {
        const path = `${place}/${encodeURI(rest).replace(/%25/g, '%')}`;
        const headers = {
          'X-RequestDigest': digest,
          Authorization: authorization,
          Accept: 'application/json',
          Depth: '1',
        };
        const got = await client.send(verb, path, { headers, ...(verb === 'GET' ? {} : { body: text }) });
        assert.ok(
          got.status >= 200 && got.status < 500,
          `${verb} ${path} ${text}: ${got.status} ${got.text}`,
        );
      },
    ),
    { numRuns: 400 },
  );
});
