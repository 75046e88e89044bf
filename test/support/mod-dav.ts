/**
 * Apache's mod_dav on a loopback port, with basic authentication: the generic WebDAV server of the tests. Packs all
 * that it sends to those who accept it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from './cli-account.js';
import { temporaryFolder } from './daemon-fakes.js';
import { lastFirst } from './last-first.js';
import { missingPrograms } from './programs.js';

type Context = { after(clean: () => Promise<void> | void): void };

const MODULES = '/usr/lib/apache2/modules';
const LOADED = {
  mpm_event_module: 'mod_mpm_event.so',
  authn_core_module: 'mod_authn_core.so',
  authn_file_module: 'mod_authn_file.so',
  authz_core_module: 'mod_authz_core.so',
  authz_user_module: 'mod_authz_user.so',
  auth_basic_module: 'mod_auth_basic.so',
  deflate_module: 'mod_deflate.so',
  dav_module: 'mod_dav.so',
  dav_fs_module: 'mod_dav_fs.so',
};

export const MOD_DAV_USER = 'ann';
export const MOD_DAV_PASSWORD = 'p&<w"ö';

/** Why it cannot be tried here, or false. */
export function modDavMissing(): string | false {
  return (
    missingPrograms('apache2') ||
    (existsSync(join(MODULES, 'mod_dav_fs.so')) ? false : 'mod_dav is not installed')
  );
}

const TRIES = 5;

export class ModDav {
  /** `http://127.0.0.1:PORT/dav/` */
  readonly url: string;
  /** Where it keeps the files. */
  readonly files: string;
  readonly #folder: string;

  private constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
    this.files = join(folder, 'htdocs', 'dav');
  }

  /** The port was free a moment ago: should somebody else have it by now, it is another one. */
  static async start(context: Context): Promise<ModDav> {
    for (let left = TRIES; left > 0; left -= 1) {
      const folder = temporaryFolder(context);
      // Run by root it serves as nobody.
      chmodSync(folder, 0o755);
      const port = await freePort();
      const server = new ModDav(`http://127.0.0.1:${port}/dav/`, folder);
      server.#configure(port);
      const child = spawn('apache2', ['-d', folder, '-f', join(folder, 'apache.conf'), '-DFOREGROUND'], {
        stdio: 'ignore',
      });
      lastFirst(context, () => stop(child));
      await eventually(async () => child.exitCode !== null || (await answers(server.url)));
      if (child.exitCode === null) return server;
    }
    throw new Error('apache2 found no port');
  }

  #configure(port: number): void {
    for (const name of ['htdocs', 'htdocs/dav', 'lock']) {
      mkdirSync(join(this.#folder, name));
      chmodSync(join(this.#folder, name), 0o777);
    }
    const hash = execFileSync('openssl', ['passwd', '-apr1', '-stdin'], { input: MOD_DAV_PASSWORD })
      .toString()
      .trim();
    writeFileSync(join(this.#folder, 'users'), `${MOD_DAV_USER}:${hash}\n`);
    const modules = Object.entries(LOADED).map(([name, file]) => `LoadModule ${name} ${join(MODULES, file)}`);
    const isRoot = process.getuid?.() === 0;
    writeFileSync(
      join(this.#folder, 'apache.conf'),
      `${modules.join('\n')}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${this.#folder}/pid
ErrorLog ${this.#folder}/error.log
DocumentRoot ${this.#folder}/htdocs
DavLockDB ${this.#folder}/lock/db
${isRoot ? 'User nobody\nGroup nogroup' : ''}
<Location /dav>
  Dav On
  AuthType Basic
  AuthName files
  AuthUserFile ${this.#folder}/users
  Require valid-user
  SetOutputFilter DEFLATE
</Location>
`,
    );
  }

  errors(): string {
    return readFileSync(join(this.#folder, 'error.log'), 'utf8');
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (answer) => answer.status === 401,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
