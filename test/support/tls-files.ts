/** A key and a certificate for a listener of the test's own, made on the spot; nobody has to trust them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MadeTlsFiles {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Undefined where no `openssl` is at hand: the test says so and is skipped. */
export function makeTlsFiles(hosts: readonly string[]): MadeTlsFiles | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'tls-files-'));
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  try {
    execFileSync(
      'openssl',
      // biome-ignore format: one option and its value beside one another
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
       '-keyout', key, '-out', cert, '-subj', `/CN=${hosts[0]}`, '-addext', `subjectAltName=${names}`],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
