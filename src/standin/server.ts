/**
 * The stand-in: a small SharePoint on loopback, for the demo and for tests. `startStandin` makes one, with its tenant,
 * its users and their drives; `StandinControl` has everything that a test may do behind the clients' backs.
 */
import { type Log, silentLog } from '../base/index.js';
import { Line } from './connection.js';
import { StandinControl } from './control/control.js';
import { answerControl, CONTROL_PREFIX } from './control/control-endpoint.js';
import { createWorld } from './create-world.js';
import type { NewUser } from './directory.js';
import { Faults } from './faults.js';
import { HttpExchange } from './http-exchange.js';
import { type ArrivedRequest, Listener, type TlsFiles } from './listener.js';
import { Pipeline } from './pipeline.js';
import type { StandinRequest } from './request.js';
import { RequestLog } from './request-log.js';
import { Rest } from './rest/index.js';
import type { CreateSignIn } from './sign-in/index.js';
import type { Switches, SwitchProfile } from './switches.js';
import { Throttle } from './throttle.js';
import { DriveApi } from './v2/index.js';
import type { World } from './world.js';

export interface StandinOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Keeps drives and sessions over restarts. Default: they end with the stand-in. */
  readonly stateDir?: string;
  readonly tls?: TlsFiles;
  /** Default: `contoso`. */
  readonly tenant?: string;
  /** Name of the library of personal sites in URLs; translated where a site speaks another language (3.4). */
  readonly personalLibrary?: string;
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
  const parts = { world, throttle, faults: new Faults(world.switches) };
  const pipeline = new Pipeline({ ...parts, rest: new Rest(world), driveApi: new DriveApi(world) });
  const serve = async (exchange: HttpExchange) => {
    const isControl = (options.control ?? true) && exchange.path.startsWith(CONTROL_PREFIX);
    exchange.isUnhindered = isControl;
    await (isControl ? answerControl(control, exchange) : logged(world, log, exchange, pipeline));
  };
  const onRequest = (arrived: ArrivedRequest) => {
    const exchange = new HttpExchange({
      ...arrived,
      hosts: world.hosts,
      id: world.random.guid(),
      standingHeaders: (request) => standingHeaders(world, throttle, request),
    });
    const told = { bugs, log: options.log ?? silentLog };
    serve(exchange).catch((error: unknown) => noteFailure(error, exchange, told));
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
  const port = await listener.listen(options.port ?? 0, host).catch((error: unknown) => {
    closeWorld();
    throw error;
  });
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
  { bugs, log }: { bugs: string[]; log: Log },
): void {
  if (exchange.status === -1 || exchange.isGone) return;
  bugs.push(`${exchange.method} ${exchange.path}: ${error instanceof Error ? error.stack : String(error)}`);
  log.error({ error, method: exchange.method, path: exchange.path }, 'the stand-in failed');
  if (exchange.replied) {
    exchange.cut();
    return;
  }
  void exchange.reply({ status: 500, headers: { 'Content-Type': 'text/plain' }, body: 'Internal error' });
}
