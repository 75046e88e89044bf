import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { connect, constants } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { STANDIN_PASSWORD, type Standin } from '../../../src/standin/index.js';
import { md4 } from '../../../src/standin/sign-in/ntlm/md4.js';
import { missingPrograms } from '../../support/programs.js';
import { MY, SITE, standinFor } from '../../support/standin-sign-in.js';
import { makeTlsFiles } from '../../support/tls-files.js';

interface Answer {
  readonly status: number;
  readonly challenges: string[];
}

/** One connection to the stand-in, or several where `connections` says so. */
function line(t: TestContext, standin: Standin) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  return (authorization?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { Host: MY, ...(authorization && { Authorization: authorization }) };
      const options = { agent, host: '127.0.0.1', port: standin.port, path: `${SITE}/_api/web`, headers };
      const request = httpRequest(options, (response) => {
        response.resume();
        response.on('end', () => {
          const found = response.headers['www-authenticate'];
          resolve({ status: response.statusCode ?? 0, challenges: found?.split(', ') ?? [] });
        });
      });
      request.on('error', reject);
      request.end();
    });
}

function negotiate(): string {
  const message = Buffer.alloc(32);
  message.write('NTLMSSP\0', 'latin1');
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(0x00088207, 12);
  return `NTLM ${message.toString('base64')}`;
}

function authenticate(challengeLine: string, user: string, password: string, domain = 'CONTOSO'): string {
  const type2 = Buffer.from(challengeLine.slice('NTLM '.length), 'base64');
  assert.equal(type2.readUInt32LE(8), 2);
  const serverChallenge = type2.subarray(24, 32);
  const info = type2.subarray(type2.readUInt32LE(44), type2.readUInt32LE(44) + type2.readUInt16LE(40));
  const key = hmac(
    md4(Buffer.from(password, 'utf16le')),
    Buffer.from(user.toUpperCase() + domain, 'utf16le'),
  );
  const blob = Buffer.concat([
    Buffer.from('0101000000000000', 'hex'),
    Buffer.alloc(8),
    randomBytes(8),
    Buffer.alloc(4),
    info,
    Buffer.alloc(4),
  ]);
  const response = Buffer.concat([hmac(key, Buffer.concat([serverChallenge, blob])), blob]);
  const parts = [
    Buffer.alloc(24),
    response,
    Buffer.from(domain, 'utf16le'),
    Buffer.from(user, 'utf16le'),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ];
  const header = Buffer.alloc(64);
  header.write('NTLMSSP\0', 'latin1');
  header.writeUInt32LE(3, 8);
  header.writeUInt32LE(0x00088205, 60);
  let offset = header.length;
  for (const [index, part] of parts.entries()) {
    header.writeUInt16LE(part.length, 12 + index * 8);
    header.writeUInt16LE(part.length, 14 + index * 8);
    header.writeUInt32LE(offset, 16 + index * 8);
    offset += part.length;
  }
  return `NTLM ${Buffer.concat([header, ...parts]).toString('base64')}`;
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}

test('MD4 by the vectors of RFC 1320', () => {
  const vectors = {
    '': '31d6cfe0d16ae931b73c59d7e0c089c0',
    abc: 'a448017aaf21d8525fc10ae87aa6729d',
    'message digest': 'd9130a8164549fe818874806e1c7014b',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
      'e33b4ddc9c38f2199c3e7b164fcc0536',
  };
  for (const [text, digest] of Object.entries(vectors))
    assert.equal(md4(Buffer.from(text)).toString('hex'), digest);
});

test('T1.16 the handshake signs in one connection, for good', async (t) => {
  const standin = await standinFor(t, { switches: { ntlm: true } });
  const send = line(t, standin);
  const bare = await send();
  assert.deepEqual([bare.status, bare.challenges], [401, ['NTLM', 'Negotiate']]);
  const challenged = await send(negotiate());
  assert.equal(challenged.status, 401);
  assert.equal(challenged.challenges.length, 1);
  assert.equal((await send(authenticate(challenged.challenges[0]!, 'user', STANDIN_PASSWORD))).status, 200);
  assert.equal((await send()).status, 200, 'the connection is the user’s');
  assert.equal((await line(t, standin)()).status, 401, 'another connection is not');
  assert.equal(standin.control.signIns.count('ntlm-accepted'), 1);
});

test('T1.16 a wrong password, a stale challenge, and a message out of turn are refused', async (t) => {
  const standin = await standinFor(t, { switches: { ntlm: true } });
  const send = line(t, standin);
  const challenge = (await send(negotiate())).challenges[0]!;
  assert.equal((await send(authenticate(challenge, 'user', 'wrong'))).status, 401);
  assert.equal(
    (await send(authenticate(challenge, 'user', STANDIN_PASSWORD))).status,
    401,
    'no challenge stands',
  );
  const again = (await send(negotiate())).challenges[0]!;
  assert.notEqual(again, challenge);
  assert.equal((await send(authenticate(again, 'nobody', STANDIN_PASSWORD))).status, 401);
  assert.equal((await send('NTLM nonsense')).status, 401);
  assert.equal(standin.control.signIns.count('password-wrong'), 1);
});

test('T1.16 a changed password ends the connection’s session; five wrong ones lock', async (t) => {
  const standin = await standinFor(t, { switches: { ntlm: true } });
  const send = line(t, standin);
  const signIn = async (password: string) =>
    (await send(authenticate((await send(negotiate())).challenges[0]!, 'user@contoso.com', password, '')))
      .status;
  assert.equal(await signIn(STANDIN_PASSWORD), 200);
  standin.control.setUser('user@contoso.com', { password: 'new' });
  assert.equal((await send()).status, 401);
  for (let attempt = 0; attempt < 5; attempt++) assert.equal(await signIn('wrong'), 401);
  assert.equal(await signIn('new'), 401);
  standin.control.clock.advance(60_000);
  assert.equal(await signIn('new'), 200);
});

test('T1.16 over HTTP/2 the answer is HTTP_1_1_REQUIRED', { skip: missingPrograms('openssl') }, async (t) => {
  const tls = makeTlsFiles([MY])!;
  const standin = await standinFor(t, { tls, switches: { ntlm: true } });
  const session = connect(`https://127.0.0.1:${standin.port}`, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': `${SITE}/_api/web`, authorization: negotiate() });
  await new Promise<void>((resolve) => {
    stream.on('error', () => {});
    stream.on('close', resolve);
  });
  assert.equal(stream.rstCode, constants.NGHTTP2_HTTP_1_1_REQUIRED);
});
