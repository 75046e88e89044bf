/** A 401 that may come and go is asked about once more, unless a password was sent: wrong ones lock accounts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog, systemClock } from '../../../../src/base/index.js';
import { DriveError } from '../../../../src/drive/index.js';
import type { Authenticator } from '../../../../src/sharepoint/http/authenticator.js';
import { sessionLayer } from '../../../../src/sharepoint/http/session-layer.js';
import { type HttpRequest, layered, type Transport } from '../../../../src/sharepoint/http/transport.js';

const AT_ONCE = { ...systemClock, sleep: async () => {} };
const NEVER = new AbortController().signal;
const REQUEST: HttpRequest = {
  method: 'PROPFIND',
  url: new URL('https://cloud.test/dav/'),
  headers: {},
  body: null,
  lane: 'interactive',
  repeat: 'always',
  silenceMs: 10_000,
  patienceMs: 10_000,
};
const BODY = {
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {},
  cancel() {},
};

for (const [offered, times] of [
  ['Bearer realm="cloud"', 2],
  ['Bearer realm="cloud", claims="eyJ9"', 1],
  ['Bearer realm="cloud", Basic realm="cloud", charset="UTF-8"', 1],
  ['Basic realm="cloud", Bearer realm="cloud"', 1],
  ['Basic realm="cloud"', 1],
] as const) {
  test(`401 with ${offered}: sent ${times === 1 ? 'once' : 'twice'}`, async () => {
    let sent = 0;
    const server: Transport = {
      send: async () => {
        sent += 1;
        const headers = { 'www-authenticate': offered };
        return { status: 401, headers, setCookies: [], body: BODY, afterDoubt: false };
      },
    };
    const authenticator: Authenticator = {
      apply: async () => ({ headers: { authorization: 'Basic YTpi' }, stamp: 1, bearer: false }),
      rejected: async () => {
        throw new DriveError('signed-out', 'refused');
      },
      absorb: () => {},
    };
    const options = { authenticator, probe: null, clock: AT_ONCE, log: silentLog };
    const asked = layered(server, sessionLayer(options)).send(REQUEST, NEVER);
    await assert.rejects(asked, { kind: 'signed-out' });
    assert.equal(sent, times);
  });
}
