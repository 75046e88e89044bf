/** A server of the test's own, with a certificate that nobody vouches for, and the three ways in which we ask servers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, systemClock } from '../../src/base/index.js';
import { LoginClient } from '../../src/sharepoint/auth/login-client.js';
import { reachServer, type ServerReach } from '../../src/sharepoint/http/reach-server.js';
import { UndiciTransport } from '../../src/sharepoint/http/undici-transport.js';
import { makeTlsFiles } from './tls-files.js';

export interface HttpsServer {
  /** Its certificate, in a file. */
  readonly certificateFile: string;
  readonly port: number;
  reach(): Promise<ServerReach>;
  /** The status of the answer. */
  ask(): Promise<number>;
  /** The same over a connection of its own. */
  askAnew(): Promise<number>;
  logIn(): Promise<number>;
  close(): Promise<void>;
}

/** Needs `openssl`. It listens on this machine, under whatever name. */
export async function startHttpsServer(name = 'localhost'): Promise<HttpsServer> {
  const tls = makeTlsFiles([name])!;
  const directory = mkdtempSync(join(tmpdir(), 'odbfs-https-'));
  const certificateFile = join(directory, 'cert.pem');
  writeFileSync(certificateFile, tls.cert);
  const server = createServer({ key: tls.key, cert: tls.cert }, (_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`https://${name}:${port}/`);
  const { signal } = new AbortController();
  const transport = new UndiciTransport({
    ...{ clock: systemClock, connections: 2, connectTimeoutMs: 5_000, keepAliveMs: 1_000 },
  });
  const ask = async (): Promise<number> => {
    const asked = { method: 'GET', url, headers: {}, body: null, lane: 'interactive', repeat: 'safe' };
    const limits = { silenceMs: 5_000, patienceMs: 5_000 };
    const request = { ...asked, ...limits } as unknown as Parameters<typeof transport.send>[0];
    const { status, body } = await transport.send(request, signal);
    for await (const _ of body);
    return status;
  };
  return {
    certificateFile,
    port,
    reach: () => reachServer(url.href, signal),
    ask,
    askAnew: () => {
      transport.renewConnections();
      return ask();
    },
    logIn: async () => {
      const client = new LoginClient({ clock: systemClock, log: createLog('error') });
      return (await client.send({ url, signal })).status;
    },
    close: async () => {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
