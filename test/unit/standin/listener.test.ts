import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startStandin } from '../../../src/standin/index.js';
import { clientFor, LIBRARY, SITE, StandinClient } from '../../support/standin-client.js';
import { standinFor } from '../../support/standin-sign-in.js';

function selfSigned(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'standin-tls-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test('T5.2 with TLS: HTTP/2 with lower-case names, and HTTP/1.1 beside it', async (t) => {
  const standin = await standinFor(t, { tls: selfSigned(t) });
  const session = connectHttp2(standin.origin, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  const head = { ':path': `${LIBRARY}/a.txt`, cookie: standin.control.cookies() };
  const send = (method: string, body?: string) =>
    new Promise<{ headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const stream = session.request({ ...head, ':method': method });
      let headers = {};
      let text = '';
      stream.on('response', (got) => {
        headers = got;
      });
      stream.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      stream.on('end', () => resolve({ headers, text }));
      stream.on('error', reject);
      if (body === undefined) stream.end();
      else stream.end(body);
    });
  standin.control.set({ chunkedPut: 'accept' });
  assert.equal((await send('PUT', 'over http2')).headers[':status'], 201);
  const got = await send('GET');
  assert.equal(got.text, 'over http2');
  assert.match(String(got.headers.etag), /^"\{/);
  assert.ok(Object.keys(got.headers).every((name) => name === name.toLowerCase()));
  const status = await new Promise<number>((resolve, reject) => {
    const path = `${LIBRARY}/a.txt`;
    const headers = { Cookie: standin.control.cookies() };
    const old = request({ port: standin.port, path, headers, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    old.on('error', reject);
    old.end();
  });
  assert.equal(status, 200);
});

test('names of the tenant and path prefixes lead to the same hosts', async (t) => {
  const client = await clientFor(t);
  const named = (host: string, path: string) =>
    client.send('GET', path, { headers: { Host: host }, signedIn: false });
  assert.match(
    (await named('login.microsoftonline.test', '/GetUserRealm.srf?login=user@contoso.com')).text,
    /Managed/,
  );
  assert.match((await client.send('GET', '/~login/GetUserRealm.srf?login=user@contoso.com')).text, /Managed/);
  const cookie = { headers: { Host: `contoso-my.sharepoint.test:${client.standin.port}`, Depth: '0' } };
  const got = await client.send('PROPFIND', LIBRARY, cookie);
  assert.match(
    got.text,
    new RegExp(`<D:href>http://contoso-my.sharepoint.test:${client.standin.port}${LIBRARY}<`),
  );
  const team = await client.send('PROPFIND', '/~root/sites/team/Shared%20Documents', {
    headers: { Depth: '0' },
  });
  assert.equal(team.status, 207);
  assert.match(team.text, /\/~root\/sites\/team\/Shared%20Documents</);
});

test('the line: latency before answers, bytes at a rate', async (t) => {
  const client = await clientFor(t, { switches: { latencyMs: 30 } });
  const { control } = client.standin;
  control.drive().write('a.bin', { pattern: 1, size: 200_000 });
  const time = async (work: () => Promise<unknown>) => {
    const startMs = performance.now();
    await work();
    return performance.now() - startMs;
  };
  assert.ok((await time(() => client.dav('HEAD', '/a.bin'))) >= 29);
  control.set({ latencyMs: 0, bytesPerSecond: 2_000_000 });
  assert.ok((await time(() => client.dav('GET', '/a.bin'))) >= 90);
  assert.ok((await time(() => client.dav('PUT', '/b.bin', { body: Buffer.alloc(200_000) }))) >= 90);
  control.set({ bytesPerSecond: 0, totalBytesPerSecond: 4_000_000 });
  const both = () => Promise.all([client.dav('GET', '/a.bin'), client.dav('GET', '/a.bin')]);
  assert.ok((await time(both)) >= 90);
});

test('T5.2 a body may drip: it arrives whole, and others are not held up', async (t) => {
  const client = await clientFor(t, { switches: { slowBodyBytesPerSecond: 2_000_000 } });
  const drive = client.standin.control.drive();
  drive.write('a.bin', { pattern: 1, size: 300_000 });
  const order: string[] = [];
  const slow = client.dav('GET', '/a.bin').then((got) => {
    order.push('slow');
    return got;
  });
  const quick = client.dav('HEAD', '/a.bin').then(() => order.push('quick'));
  await Promise.all([slow, quick]);
  assert.deepEqual(order, ['quick', 'slow']);
  assert.ok((await slow).bytes.equals(await drive.read('a.bin')));
});

test('a port that is taken is one clear error, and nothing stays open', async (t) => {
  const standin = await standinFor(t);
  await assert.rejects(startStandin({ port: standin.port }), /EADDRINUSE/);
  assert.equal(standin.url, `${standin.origin}${SITE}`);
});

test('a failure of the stand-in itself is a 500 that is remembered, after a body was read, too', async () => {
  const standin = await startStandin();
  const client = new StandinClient(standin);
  try {
    Object.defineProperty(standin.control.switches, 'visibilityLagMs', {
      get: () => {
        throw new Error('broken on purpose');
      },
    });
    assert.equal((await client.dav('PUT', '/a.txt', { body: 'x' })).status, 500);
    assert.match(standin.control.bugs[0]!, /PUT .*broken on purpose/);
  } finally {
    client.close();
    await standin.close();
  }
});
