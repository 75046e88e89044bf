/**
 * config.toml: read whole and checked, with messages that name the key and its line; edited without touching what the
 * person wrote elsewhere. The file is 0600 and replaced in one step.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';
import { type AccountConfig, defaultOptions, type MountOptions } from './config.js';
import { Failure } from './failure.js';
import { isOptionName, parseOption } from './option-schema.js';
import type { Paths } from './paths.js';
import { lineOf, removeAccount, setAccountKeys, type TomlValue } from './toml-edit.js';

/** A name that can be a folder, a systemd instance and an argument. */
const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

const text = z.string({ error: 'must be text in quotes' }).min(1, { error: 'must not be empty' });

/** Keys of `[accounts.NAME]` that are not mount options. */
const ACCOUNT_KEYS = {
  site: z.url({ protocol: /^https?$/, error: 'must be the URL of a site' }),
  method: z.enum(['auto', 'browser', 'device', 'code', 'cookies', 'password'], {
    error: 'must be one of auto, browser, device, code, cookies, password',
  }),
  username: text,
  client_id: text,
  tenant: text,
  server: z.enum(['sharepoint', 'webdav'], { error: 'must be sharepoint or webdav' }),
  secrets: z.enum(['disk', 'memory'], { error: 'must be disk or memory' }),
  mountpoint: text,
} as const;

type AccountKey = keyof typeof ACCOUNT_KEYS;

/** What `login` writes; null removes a key. */
export type AccountSettings = Partial<Record<AccountKey, TomlValue | null>>;

export class ConfigFile {
  readonly #file: string;

  constructor(paths: Paths) {
    this.#file = paths.configFile;
  }

  /** All accounts in the order of the file; none when there is no file. Throws `Failure` of kind `usage`. */
  accounts(): readonly AccountConfig[] {
    const source = this.#read();
    const { accounts = {}, ...others } = this.#parse(source);
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined) throw this.#wrong(`unknown key "${unknown}"; accounts are [accounts.NAME]`);
    if (!isTable(accounts)) throw this.#wrong('accounts must be tables: [accounts.NAME]');
    return Object.entries(accounts).map(([name, table]) => this.#account(source, name, table));
  }

  set(account: string, settings: AccountSettings): void {
    checkAccountName(account);
    const edited = setAccountKeys(this.#read(), account, settings as Record<string, TomlValue | null>);
    this.#checkEdit(edited, account, settings);
    this.#write(edited);
  }

  remove(account: string): void {
    const edited = removeAccount(this.#read(), account);
    const { accounts } = this.#parse(edited);
    if (isTable(accounts) && account in accounts) {
      throw this.#wrong(
        `account ${account} is written in a way that this program does not edit; remove it by hand`,
      );
    }
    this.#write(edited);
  }

  #account(source: string, name: string, table: unknown): AccountConfig {
    const wrong = (key: string, message: string) => this.#wrong(message, lineOf(source, name, key));
    if (!ACCOUNT_NAME.test(name)) throw wrong('', `"${name}" can't be the name of an account`);
    if (!isTable(table)) throw wrong('', `accounts.${name} must be a table`);
    const settings: Partial<Record<AccountKey, string>> = {};
    const options: Partial<MountOptions> = {};
    for (const [key, value] of Object.entries(table)) {
      const where = `${this.#file}${lineText(lineOf(source, name, key))}`;
      if (isOptionName(key)) Object.assign(options, parseOption(key, value, where));
      else if (isAccountKey(key)) settings[key] = checkKey(key, value, where);
      else throw wrong(key, `unknown key "${key}" of account ${name}`);
    }
    if (settings.site === undefined) throw wrong('site', `account ${name} has no site`);
    return assemble(name, settings.site, settings, options);
  }

  #parse(source: string): Record<string, unknown> {
    try {
      return parse(source);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      throw this.#wrong(error.message.split('\n')[0]!.replace('Invalid TOML document: ', ''), error.line);
    }
  }

  #checkEdit(edited: string, account: string, settings: AccountSettings): void {
    const { accounts } = this.#parse(edited);
    const table = isTable(accounts) ? accounts[account] : undefined;
    const done = (key: string, value: unknown) => (isTable(table) ? (table[key] ?? null) : null) === value;
    if (Object.entries(settings).every(([key, value]) => done(key, value))) return;
    throw this.#wrong(
      `account ${account} is written in a way that this program does not edit; edit it by hand`,
    );
  }

  #read(): string {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw new Failure('failed', `can't read ${this.#file}: ${(error as Error).message}`, { cause: error });
    }
  }

  #write(content: string): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${process.pid}.new`;
    const descriptor = openSync(fresh, 'w', 0o600);
    try {
      writeSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(fresh, this.#file);
  }

  #wrong(message: string, line: number | null = null): Failure {
    return new Failure('usage', `${this.#file}${lineText(line)}: ${message}`);
  }
}

export function checkAccountName(name: string): void {
  if (ACCOUNT_NAME.test(name)) return;
  throw new Failure(
    'usage',
    `"${name}" can't be the name of an account: letters, digits, and . _ @ - inside`,
  );
}

/** `~/x` and `x` as absolute paths; relative ones start at home, where services run. */
export function expandHome(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : join(homedir(), path);
}

function assemble(
  name: string,
  site: string,
  settings: Partial<Record<AccountKey, string>>,
  options: Partial<MountOptions>,
): AccountConfig {
  return {
    name,
    site,
    method: (settings.method ?? 'auto') as AccountConfig['method'],
    username: settings.username ?? null,
    clientId: settings.client_id ?? null,
    tenant: settings.tenant ?? null,
    server: (settings.server ?? 'sharepoint') as AccountConfig['server'],
    secrets: (settings.secrets ?? 'disk') as AccountConfig['secrets'],
    mountpoint: settings.mountpoint === undefined ? null : expandHome(settings.mountpoint),
    signInFolder: options.stateFolder ?? null,
    options: { ...defaultOptions(), ...options },
  };
}

function checkKey(key: AccountKey, value: unknown, where: string): string {
  const result = ACCOUNT_KEYS[key].safeParse(value);
  if (result.success) return result.data;
  throw new Failure('usage', `${where}: ${key} ${result.error.issues[0]?.message ?? 'is not understood'}`);
}

function isAccountKey(key: string): key is AccountKey {
  return Object.hasOwn(ACCOUNT_KEYS, key);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineText(line: number | null): string {
  return line === null ? '' : `, line ${line}`;
}
