/** Drives for the contract suite: the real one against the stand-in and against Apache, and what they have in common. */
import type { TestContext } from 'node:test';
import { type Clock, Metrics, silentLog, systemClock } from '../../src/base/index.js';
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type Payload,
  type UploadBase,
} from '../../src/drive/index.js';
import type { Authenticator } from '../../src/sharepoint/http/authenticator.js';
import {
  basicAuthenticator,
  type KnownWays,
  type NameMemory,
  type OpenDrive,
  openDrive,
  type WayMemory,
} from '../../src/sharepoint/index.js';
import type { Standin, StandinOptions } from '../../src/standin/index.js';
import { lastFirst } from './last-first.js';
import { MOD_DAV_PASSWORD, MOD_DAV_USER, ModDav } from './mod-dav.js';
import { standinFor } from './standin-sign-in.js';

export const NEVER = new AbortController().signal;
export const ASKING = { signal: NEVER, lane: 'interactive' } as const;
export const BULK = { ...ASKING, lane: 'bulk' } as const;

export interface DriveFixtureOptions {
  readonly standin?: StandinOptions;
  readonly chunkThresholdBytes?: number;
  readonly chunkBytes?: number;
  readonly parallel?: number;
  readonly ways?: WayMemory;
  readonly names?: NameMemory;
  readonly clock?: Clock;
}

export interface StandinDrive {
  readonly drive: OpenDrive;
  readonly standin: Standin;
  readonly session: CookieSession;
  readonly metrics: Metrics;
}

/** A session of the stand-in by cookies, which it hands out to tests; counts the renewals. */
export class CookieSession implements Authenticator {
  renewals = 0;
  readonly #standin: Standin;
  #cookie: string;

  constructor(standin: Standin) {
    this.#standin = standin;
    this.#cookie = standin.control.cookies();
  }

  async apply() {
    return { headers: { cookie: this.#cookie }, stamp: this.renewals, bearer: false };
  }

  async rejected(_challenge: unknown, stamp: number): Promise<void> {
    if (stamp !== this.renewals) return;
    this.renewals += 1;
    this.#cookie = this.#standin.control.cookies();
  }

  absorb(): void {}
}

export async function standinDrive(
  test: TestContext,
  options: DriveFixtureOptions = {},
): Promise<StandinDrive> {
  return driveOn(test, await standinFor(test, options.standin ?? {}), options);
}

/** Another one on the same stand-in, as after a restart. */
export async function driveOn(
  test: TestContext,
  standin: Standin,
  options: DriveFixtureOptions = {},
): Promise<StandinDrive> {
  const session = new CookieSession(standin);
  const metrics = new Metrics();
  const drive = await openDrive({
    ...common(options),
    siteUrl: `${standin.url}/Documents`,
    server: 'sharepoint',
    authenticator: session,
    metrics,
  });
  lastFirst(test, () => drive.close());
  return { drive, standin, session, metrics };
}

export async function modDavDrive(
  test: TestContext,
  options: Pick<DriveFixtureOptions, 'clock'> = {},
): Promise<{ drive: OpenDrive; apache: ModDav }> {
  const apache = await ModDav.start(test);
  const drive = await openDrive({
    ...common(options),
    siteUrl: apache.url,
    server: 'webdav',
    authenticator: basicAuthenticator({
      origin: new URL(apache.url).origin,
      username: MOD_DAV_USER,
      password: MOD_DAV_PASSWORD,
    }),
    metrics: new Metrics(),
  });
  lastFirst(test, () => drive.close());
  return { drive, apache };
}

/** Keeps what was found of a server as a file would. */
export function wayMemory(known: KnownWays = {}): WayMemory {
  let kept = known;
  return {
    load: () => kept,
    save: (ways) => {
      kept = ways;
    },
  };
}

function common({ chunkBytes, chunkThresholdBytes, ways, names: memory, ...rest }: DriveFixtureOptions) {
  return {
    clock: rest.clock ?? systemClock,
    log: silentLog,
    parallel: rest.parallel ?? 8,
    uploadBytesPerSecond: null,
    downloadBytesPerSecond: null,
    chunkThresholdBytes: chunkThresholdBytes ?? 100 * 1024 * 1024,
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
    ...(ways === undefined ? {} : { ways }),
    ...(memory === undefined ? {} : { names: memory }),
    offline: false,
    signal: NEVER,
  };
}

export function payloadOf(content: string | Uint8Array): Payload {
  const bytes = Buffer.from(content);
  return {
    size: bytes.length,
    async *open({ offset, length }) {
      for (let at = offset; at < offset + length; at += 65_536) {
        yield bytes.subarray(at, Math.min(at + 65_536, offset + length));
      }
    },
  };
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

export type Subject = Pick<OpenDrive, 'stat' | 'upload' | 'list' | 'read'>;

/** Whatever is there. */
export async function put(drive: Subject, path: DrivePath, content: string | Uint8Array): Promise<DriveItem> {
  const upload = (base: UploadBase) =>
    drive.upload(path, payloadOf(content), { ...ASKING, base, modifiedMs: 1_700_000_000_000 });
  try {
    return await upload('absent');
  } catch (error) {
    if (!(error instanceof DriveError) || error.kind !== 'exists') throw error;
    const { version } = await drive.stat(path, ASKING);
    return upload({ version });
  }
}

export async function readText(drive: Subject, path: DrivePath): Promise<string> {
  return textOf((await drive.read(path, ASKING)).body);
}

export async function names(drive: Subject, path: DrivePath): Promise<string[]> {
  const found: string[] = [];
  for await (const page of drive.list(path, ASKING)) found.push(...page.items.map(({ name }) => name));
  return found.sort();
}

/** Matches a DriveError of that kind, for `assert.rejects`. */
export function kind(expected: string): (error: unknown) => boolean {
  return (error) => (error as { kind?: string }).kind === expected;
}
