/** The tenant under the names of its hosts, over TLS, without touching the machine's name resolution or trust. */
import type { TestContext } from 'node:test';
import { Agent, type Dispatcher } from 'undici';
import { type Standin, type StandinOptions, startStandin } from '../../src/standin/index.js';
import { makeTlsFiles } from './tls-files.js';

const HOSTS = ['*.sharepoint.test', 'login.microsoftonline.test', 'adfs.contoso.test'];

export interface NamedTenant {
  readonly standin: Standin;
  readonly dispatcher: Dispatcher;
  /** `https://NAME:PORT` */
  at(name: string): string;
  /** Every host that was connected to. */
  readonly connected: Set<string>;
}

export async function namedTenant(
  t: TestContext,
  switches: NonNullable<StandinOptions['switches']> = {},
): Promise<NamedTenant> {
  const tls = makeTlsFiles(HOSTS);
  if (tls === undefined) throw new Error('openssl is missing');
  const standin = await startStandin({ tls, switches });
  const connected = new Set<string>();
  const dispatcher = new Agent({
    connect: {
      ca: tls.cert,
      lookup: (hostname, _options, callback) => {
        connected.add(hostname);
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    },
  });
  t.after(async () => {
    await dispatcher.close();
    await standin.close();
    if (standin.control.bugs.length > 0) throw new Error(standin.control.bugs.join('\n'));
  });
  return { standin, dispatcher, connected, at: (name) => `https://${name}:${standin.port}` };
}
