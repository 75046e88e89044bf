/**
 * The stand-in: a small SharePoint on loopback, for the demo and for tests. `startStandin` makes one, with its tenant,
 * its users and their drives; `StandinControl` has everything that a test may do behind the clients' backs.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, silentLog } from '../base/index.js';
import { StandinClock } from './clock.js';
import { Line } from './connection.js';
import { StandinControl } from './control/control.js';
import { answerControl, CONTROL_PREFIX } from './control/control-endpoint.js';
import { Directory, type NewUser } from './directory.js';
import { Faults } from './faults.js';
import { Hosts } from './hosts.js';
import { HttpExchange } from './http-exchange.js';
import { type ArrivedRequest, Listener, type TlsFiles } from './listener.js';
import { Pipeline } from './pipeline.js';
import { createRandomSource } from './random-source.js';
import type { StandinRequest } from './request.js';
import { RequestLog } from './request-log.js';
import { Rest } from './rest/index.js';
import { type CreateSignIn, createSignIn } from './sign-in/index.js';
import { type NewSite, Sites, stableGuid } from './sites.js';
import { ContentVault } from './store/content-vault.js';
import { DriveStore } from './store/drive-store.js';
import { StoreDatabase } from './store/store-database.js';
import { createSwitches, type Switches, type SwitchProfile } from './switches.js';
import { Throttle } from './throttle.js';
import { Background, type World } from './world.js';

export interface StandinOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Keeps drives over restarts. Default: they end with the stand-in. */
  readonly stateDir?: string;
  readonly tls?: TlsFiles;
  /** Default: `contoso`. */
  readonly tenant?: string;
  /** The first owns the drive that `url` points at. Default: `user@TENANT.com` and a few others. */
  readonly users?: readonly NewUser[];
  readonly profile?: SwitchProfile;
  readonly switches?: Partial<Switches>;
  /** Makes ids and tokens the same in every run. */
  readonly seed?: number;
  readonly createSignIn?: CreateSignIn;
  /** Offers `/__standin/` to other processes; default true. */
  readonly control?: boolean;
  readonly log?: Log;
}

export interface Standin {
  /** The first user's personal site: `http://127.0.0.1:PORT/personal/user_contoso_com`. */
  readonly url: string;
  /** `http://127.0.0.1:PORT`; other logical hosts are below it, see `Hosts`. */
  readonly origin: string;
  readonly port: number;
  readonly control: StandinControl;
  /** Resolves when no connection and no file is open any more. */
  close(): Promise<void>;
}

export async function startStandin(options: StandinOptions = {}): Promise<Standin> {
  const { world, close: closeWorld } = createWorld(options);
  const log = new RequestLog();
  const throttle = new Throttle(world);
  const bugs: string[] = [];
  const line = new Line(world.switches);
  const pipeline = new Pipeline({
    world,
    throttle,
    faults: new Faults(world.switches),
    rest: new Rest(world),
  });
  const serve = async (exchange: HttpExchange) => {
    const isControl = (options.control ?? true) && exchange.path.startsWith(CONTROL_PREFIX);
    await (isControl ? answerControl(control, exchange) : logged(world, log, exchange, pipeline));
  };
  const onRequest = (arrived: ArrivedRequest) => {
    const exchange = new HttpExchange({
      ...arrived,
      hosts: world.hosts,
      id: world.random.guid(),
      standingHeaders: (request) => standingHeaders(world, throttle, request),
    });
    serve(exchange).catch((error: unknown) =>
      noteFailure(error, exchange, arrived, bugs, options.log ?? silentLog),
    );
  };
  const listener = new Listener({ tls: options.tls, line, onRequest });
  const control = new StandinControl({
    world,
    log,
    throttle,
    bugs,
    cutConnections: () => listener.cutConnections(),
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listener.listen(options.port ?? 0, host);
  const origin = `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  return {
    origin,
    port,
    control,
    url: `${origin}${world.sites.all[0]!.path}`,
    close: async () => {
      await listener.close();
      closeWorld();
    },
  };
}

function createWorld(options: StandinOptions): { world: World; close: () => void } {
  const tenant = options.tenant ?? 'contoso';
  const clock = new StandinClock();
  const switches = createSwitches(options.profile, options.switches);
  const directory = new Directory(options.users ?? usersOf(tenant));
  const hosts = new Hosts(tenant);
  const random = createRandomSource(options.seed);
  const tenantId = stableGuid(`tenant ${tenant}`);
  const vault = new ContentVault(options.stateDir === undefined ? null : join(options.stateDir, 'content'));
  const sites = new Sites((site, listId) =>
    openStore(options.stateDir, { clock, switches, vault }, site, listId),
  );
  const background = new Background();
  const shared = { clock, switches, directory, hosts, random, tenantId };
  const signIn = (options.createSignIn ?? createSignIn)(shared);
  for (const user of directory.users) sites.addPersonal(user);
  sites.add({
    role: 'root',
    path: '/sites/team',
    title: 'Team',
    libraryName: 'Shared Documents',
    owner: null,
  });
  const close = () => {
    background.stop();
    sites.close();
    vault.close();
  };
  return { world: { ...shared, vault, sites, signIn, background }, close };
}

function openStore(
  stateDir: string | undefined,
  parts: { clock: StandinClock; switches: Switches; vault: ContentVault },
  site: NewSite,
  listId: string,
): DriveStore {
  const { clock, switches, vault } = parts;
  const guidSeed = Number.parseInt(listId.slice(0, 8), 16);
  if (stateDir === undefined) return new DriveStore({ clock, switches, listId, guidSeed, database: null });
  const directory = join(stateDir, 'sites', site.path.slice(1).replace(/\//g, '~'));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new StoreDatabase(directory, (record) => vault.restore(record));
  return new DriveStore({ clock, switches, listId, guidSeed, database });
}

/** One ordinary user, one federated, and one for every way in which a sign-in can go wrong. */
function usersOf(tenant: string): NewUser[] {
  const domain = `${tenant}.com`;
  return [
    { upn: `user@${domain}`, displayName: 'Stand-in User' },
    { upn: `other@${domain}`, displayName: 'Other User' },
    { upn: `federated@${domain}`, realm: 'federated' },
    { upn: `mfa@${domain}`, fate: 'mfa' },
    { upn: `mfa-registration@${domain}`, fate: 'mfa-registration' },
    { upn: `blocked@${domain}`, fate: 'blocked' },
    { upn: `locked@${domain}`, fate: 'locked' },
    { upn: `unmanaged@${domain}`, fate: 'unmanaged' },
  ];
}

async function logged(
  world: World,
  log: RequestLog,
  exchange: HttpExchange,
  pipeline: Pipeline,
): Promise<void> {
  const startMs = performance.now();
  log.begin();
  try {
    await pipeline.handle(exchange);
  } finally {
    const { method, role, path, status, bytesIn, bytesOut } = exchange;
    const userAgent = String(exchange.headers['user-agent'] ?? '');
    const durationMs = Math.round(performance.now() - startMs);
    log.end({
      atMs: world.clock.now(),
      method,
      role,
      path,
      userAgent,
      status,
      bytesIn,
      bytesOut,
      durationMs,
    });
  }
}

/** Headers of every SharePoint answer (protocol notes 2.3, 4); the login host has fewer. */
function standingHeaders(world: World, throttle: Throttle, request: StandinRequest): Record<string, string> {
  const date = { Date: new Date(world.clock.now()).toUTCString() };
  if (request.role === 'login' || request.role === 'adfs') return { ...date, 'x-ms-request-id': request.id };
  return {
    ...date,
    SPRequestGuid: request.id,
    'request-id': request.id,
    SPRequestDuration: '3',
    SPIisLatency: '0',
    'X-SharePointHealthScore': String(world.switches.healthScore),
    MicrosoftSharePointTeamServices: '16.0.0.26615',
    'X-Content-Type-Options': 'nosniff',
    'X-MS-InvokeApp': '1; RequireReadOnly',
    'X-Powered-By': 'ASP.NET',
    ...throttle.headers(request),
  };
}

/** A client that went away is its own affair; anything else is a bug here, answered by 500 and remembered. */
function noteFailure(
  error: unknown,
  exchange: HttpExchange,
  arrived: ArrivedRequest,
  bugs: string[],
  log: Log,
): void {
  if (exchange.status === -1 || arrived.incoming.destroyed || arrived.outgoing.destroyed) return;
  bugs.push(`${exchange.method} ${exchange.path}: ${error instanceof Error ? error.stack : String(error)}`);
  log.error({ error, method: exchange.method, path: exchange.path }, 'the stand-in failed');
  if (exchange.replied) exchange.cut();
  else
    void exchange.reply({ status: 500, headers: { 'Content-Type': 'text/plain' }, body: 'Internal error' });
}
