/** A request digest that is refused: how often another one is tried (protocol notes 3.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '../../../src/sharepoint/http/authenticator.js';
import { bytesBody, readText, replayedBody } from '../../../src/sharepoint/http/body.js';
import type { HttpResponse, Transport } from '../../../src/sharepoint/http/transport.js';
import { RequestDigest } from '../../../src/sharepoint/verbs/request-digest.js';
import { RestClient } from '../../../src/sharepoint/verbs/rest-client.js';
import { FakeClock } from '../../support/fake-clock.js';

const WEB = new URL('https://contoso-my.sharepoint.com/personal/u/');
const OPTIONS = { lane: 'bulk', signal: new AbortController().signal } as const;
const REFUSAL = JSON.stringify({
  'odata.error': { code: '-2130575251, Microsoft.SharePoint.SPException', message: { value: 'no' } },
});

function answer(status: number, text: string): HttpResponse {
  const body = replayedBody([Buffer.from(text)]);
  return { status, headers: {}, setCookies: [], body, afterDoubt: false };
}

/** A server that refuses the first `refusals` writes, each of which was on its way for `delayMs`. */
function server(refusals: number, delayMs: number) {
  const clock = new FakeClock();
  const used: string[] = [];
  let given = 0;
  const transport: Transport = {
    async send({ url, headers }) {
      if (url.pathname.endsWith('/_api/contextinfo')) {
        given += 1;
        return answer(200, JSON.stringify({ FormDigestValue: `0x${given}`, FormDigestTimeoutSeconds: 1800 }));
      }
      clock.advance(delayMs);
      used.push(headers['x-requestdigest']!);
      return used.length > refusals ? answer(200, '{}') : answer(403, REFUSAL);
    },
  };
  const authenticator = { apply: async () => ({ headers: {}, stamp: 1, bearer: false }) };
  const rest = new RestClient({
    webUrl: WEB,
    transport,
    authenticator: authenticator as unknown as Authenticator,
    digest: new RequestDigest(WEB, transport, clock),
  });
  return { used, write: () => rest.post({ path: 'web/x' }, OPTIONS, { body: bytesBody('{}') }) };
}

test('a digest that ended behind a pause says nothing about the service: a newer one is tried', async () => {
  const { used, write } = server(3, 3_000);
  assert.equal((await write()).status, 200);
  assert.deepEqual(used, ['0x1', '0x2', '0x3', '0x4']);
});

test('a new digest that is refused at once is the word of the server', async () => {
  const { used, write } = server(100, 10);
  const response = await write();
  assert.equal(response.status, 403);
  assert.equal(await readText(response, 1_000), REFUSAL);
  assert.deepEqual(used, ['0x1', '0x2']);
});

test('refused digests come to an end', async () => {
  const { used, write } = server(100, 3_000);
  assert.equal((await write()).status, 403);
  assert.equal(used.length, 5);
});
