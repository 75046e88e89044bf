/**
 * Connections as companies have them: through their proxy, and with a certificate that Node does not trust and the system
 * does. They look into encrypted traffic with a root certificate of their own, which is in the system's store; Node brings a
 * store of its own and never looks there.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { buildConnector as Connectors } from 'undici';
import { UNTRUSTED } from './connection-faults.js';
import { proxyOf } from './proxy-of.js';
import { tunnelTo } from './proxy-tunnel.js';
import { buildConnector } from './undici.js';

/** Debian, Fedora, SUSE, Alpine; `SSL_CERT_FILE` comes before them, as for OpenSSL. */
const SYSTEM_STORES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** `timeoutMs`: for a connection to stand. */
export function companyConnector(timeoutMs: number): Connectors.connector {
  const usual = throughProxy(buildConnector({ timeout: timeoutMs }), timeoutMs);
  let bySystem: Connectors.connector | null = null;
  /** Trusted by the system alone. */
  const hosts = new Set<string>();
  return (asked, callback) => {
    if (bySystem !== null && hosts.has(asked.hostname)) return bySystem(asked, callback);
    usual(asked, (...outcome) => {
      const trust = isUntrusted(outcome[0]) ? systemTrust() : null;
      if (trust === null) return callback(...outcome);
      bySystem ??= throughProxy(buildConnector({ timeout: timeoutMs, secureContext: trust }), timeoutMs);
      bySystem(asked, (...second) => {
        if (second[0] === null) hosts.add(asked.hostname);
        callback(...second);
      });
    });
  };
}

function throughProxy(direct: Connectors.connector, timeoutMs: number): Connectors.connector {
  return (asked, callback) => {
    const proxy = proxyOf(asked, process.env);
    if (proxy === null) return direct(asked, callback);
    tunnelTo(`${asked.hostname}:${asked.port || 443}`, proxy, timeoutMs).then(
      (httpSocket) => direct({ ...asked, httpSocket }, callback),
      (error: Error) => callback(error, null),
    );
  };
}

function isUntrusted(error: Error | null): boolean {
  return error !== null && UNTRUSTED.has(String((error as NodeJS.ErrnoException).code));
}

let known: SecureContext | null = null;

/** Node's store and the system's. Null where the system has none. */
function systemTrust(): SecureContext | null {
  known ??= contextOf([process.env.SSL_CERT_FILE ?? '', ...SYSTEM_STORES]);
  return known;
}

function contextOf(files: readonly string[]): SecureContext | null {
  for (const file of files) {
    try {
      return createSecureContext({ ca: [...rootCertificates, readFileSync(file, 'utf8')] });
    } catch {
      // the next one may be there, and hold certificates
    }
  }
  return null;
}
