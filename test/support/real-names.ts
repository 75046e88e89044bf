/**
 * The stand-in under the service's own names: TLS on port 443 of a loopback address of the test's own, and programs that
 * find `contoso-my.sharepoint.com` there by a hosts file which only they see (a mount namespace). Needs root.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Standin, type Switches, startStandin } from '../../src/standin/index.js';
import { WITHOUT_FUSE } from './beside-no-mount.js';
import type { Outcome } from './cli-run.js';
import { temporaryFolder } from './daemon-fakes.js';
import { lastFirst } from './last-first.js';
import { hasProgram } from './programs.js';
import { makeTlsFiles } from './tls-files.js';

export const REAL_LOGIN = 'login.microsoftonline.com';
export const REAL_MY = 'contoso-my.sharepoint.com';
const NAMES = [REAL_LOGIN, REAL_MY, 'contoso.sharepoint.com', 'adfs.contoso.com'];
const RUN_LIMIT_SECONDS = 120;

export const REAL_SITE = `https://${REAL_MY}/personal/user_contoso_com`;

/** Why it cannot be tried here, or false. */
export function realNamesMissing(...programs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root: port 443 and a hosts file of its own';
  const missing = ['openssl', 'unshare', ...programs].filter((name) => !hasProgram(name));
  return missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
}

export type RunInRoom = (
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  limitSeconds?: number,
) => Promise<Outcome>;

export class RealNames {
  readonly standin: Standin;
  readonly folder: string;
  /** The certificate that clients have to trust. */
  readonly certificateFile: string;
  readonly address: string;
  readonly #hostsFile: string;

  private constructor(standin: Standin, folder: string, address: string) {
    this.standin = standin;
    this.folder = folder;
    this.address = address;
    this.certificateFile = join(folder, 'ca.pem');
    this.#hostsFile = join(folder, 'hosts');
  }

  static async start(
    context: TestContext,
    switches: Partial<Switches> = {},
    stateDir?: string,
  ): Promise<RealNames> {
    const tls = makeTlsFiles(NAMES);
    if (tls === undefined) throw new Error('no certificate could be made');
    const folder = temporaryFolder(context);
    const address = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`;
    const standin = await startStandin({
      host: address,
      port: 443,
      tls,
      switches,
      ...(stateDir === undefined ? {} : { stateDir }),
    });
    lastFirst(context, () => standin.close());
    const names = new RealNames(standin, folder, address);
    writeFileSync(names.certificateFile, tls.cert);
    writeFileSync(names.#hostsFile, `${readFileSync('/etc/hosts', 'utf8')}\n${address} ${NAMES.join(' ')}\n`);
    return names;
  }

  /** Runs a program that sees the names and trusts the certificate; ends it when it takes too long. */
  run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const script = `kept=; ${WITHOUT_FUSE}; mount --bind "$0" /etc/hosts && exec timeout "$@"`;
    const words = [this.#hostsFile, String(RUN_LIMIT_SECONDS), program, ...args];
    return this.#finish(['unshare', '--mount', 'sh', '-c', script, ...words], env);
  }

  /** A room in which the names are seen, for programs that go on together, and mounts that all of them see. */
  async enter(context: TestContext): Promise<RunInRoom> {
    const script = `kept=; ${WITHOUT_FUSE}; mount --bind "$0" /etc/hosts && echo ready && exec sleep infinity`;
    const keeper = spawn('unshare', ['--mount', 'sh', '-c', script, this.#hostsFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    lastFirst(context, () => keeper.kill('SIGKILL'));
    await once(keeper.stdout, 'data');
    const enter = ['nsenter', '--mount', '--target', String(keeper.pid), 'timeout'];
    return (words, env, limitSeconds = RUN_LIMIT_SECONDS) =>
      this.#finish([...enter, String(limitSeconds), ...words], env);
  }

  #finish(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
    const child = spawn(words[0]!, words.slice(1), {
      cwd: this.folder,
      env: { ...process.env, ...env, ...this.trust },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    });
  }

  /** How Go, curl and Node are told of the certificate. */
  get trust(): Record<string, string> {
    const file = this.certificateFile;
    return { SSL_CERT_FILE: file, CURL_CA_BUNDLE: file, NODE_EXTRA_CA_CERTS: file };
  }
}
