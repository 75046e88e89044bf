/** A server that only a proxy can reach, as in companies: the name is not known outside of it. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type HttpsServer, startHttpsServer } from '../../../support/https-server.js';
import { missingPrograms } from '../../../support/programs.js';

const NAME = 'tenant.test';
const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'SSL_CERT_FILE'];

describe('through a proxy', { skip: missingPrograms('openssl') }, () => {
  const usual = VARIABLES.map((name) => [name, process.env[name]] as const);
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let answer = 'HTTP/1.1 200 Connection established\r\n\r\n';
  let server: HttpsServer;
  let proxy: Server;

  const useProxy = (credentials: string) => {
    process.env.HTTPS_PROXY = `http://${credentials}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  };

  before(async () => {
    for (const name of VARIABLES) delete process.env[name];
    server = await startHttpsServer(NAME);
    process.env.SSL_CERT_FILE = server.certificateFile;
    proxy = createServer((client) => {
      sockets.add(client);
      client.on('error', () => undefined);
      client.once('data', (head) => {
        heads.push(head.toString('latin1'));
        client.write(answer);
        if (!answer.includes(' 200 ')) return client.end();
        const onward = connect(server.port, 'localhost');
        onward.on('error', () => client.destroy());
        client.pipe(onward).pipe(client);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });

  after(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await server.close();
    for (const [name, value] of usual) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('the server is reached, and the proxy sees its name alone', async () => {
    useProxy('');
    assert.equal((await server.reach()).ok, true);
    assert.equal(await server.ask(), 200);
    assert.equal(await server.logIn(), 200);
    for (const head of heads)
      assert.equal(head, `CONNECT ${NAME}:${server.port} HTTP/1.1\r\nHost: ${NAME}:${server.port}\r\n\r\n`);
    assert.ok(heads.length > 0);
  });

  it('who asks is told where the proxy wants to know', async () => {
    useProxy('us%40er:pass%3Aword@');
    heads.length = 0;
    assert.equal(await server.askAnew(), 200);
    const told = Buffer.from('us@er:pass:word').toString('base64');
    assert.match(heads[0]!, new RegExp(`\r\nProxy-Authorization: Basic ${told}\r\n\r\n$`));
  });

  it('a proxy that lets nothing through says why, and the password stays out of it', async () => {
    useProxy('user:secret@');
    answer = 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n';
    await assert.rejects(server.askAnew(), (error: Error) => {
      assert.match(error.message, /the proxy asks who we are/);
      assert.ok(!error.message.includes('secret'));
      return true;
    });
    answer = 'HTTP/1.1 403 Forbidden\r\n\r\n';
    await assert.rejects(server.askAnew(), /the proxy refuses it/);
    answer = 'SSH-2.0-none\r\n\r\n';
    await assert.rejects(server.askAnew(), /the proxy refuses it/);
    process.env.HTTPS_PROXY = 'socks5://127.0.0.1:1';
    await assert.rejects(server.askAnew(), /HTTPS_PROXY is no http/);
  });
});
