/** All layers in their order, for one account. */
import type { Clock, Log, Metrics } from '../../base/index.js';
import type { Authenticator } from './authenticator.js';
import { bandwidthLayer } from './bandwidth-layer.js';
import { DECORATED_USER_AGENT, decorateLayer } from './decorate-layer.js';
import { gatherLayer } from './gather-layer.js';
import { genuineLayer, type JudgeGenuineness, judgedBy } from './genuine-layer.js';
import { governedLayer } from './governed-layer.js';
import { DEFAULT_GOVERNOR, Governor } from './governor.js';
import { LinkWatch } from './link-watch.js';
import { meterLayer } from './meter-layer.js';
import { NetworkWatch } from './network-watch.js';
import { patienceLayer } from './patience-layer.js';
import { redirectLayer } from './redirect-layer.js';
import { DEFAULT_RETRY, retryLayer } from './retry-layer.js';
import { sessionLayer } from './session-layer.js';
import { SessionProbe } from './session-probe.js';
import { layered, type Transport } from './transport.js';
import { UndiciTransport } from './undici-transport.js';
import { unpackLayer } from './unpack-layer.js';

export interface HttpOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Sent as it is; null: the decorated one. */
  readonly userAgent: string | null;
  readonly parallel: number;
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly upBytesPerSecond: number | null;
  readonly downBytesPerSecond: number | null;
}

export const DEFAULT_HTTP = {
  userAgent: null,
  parallel: DEFAULT_GOVERNOR.parallel,
  requestsPerSecond: DEFAULT_GOVERNOR.requestsPerSecond,
  burst: DEFAULT_GOVERNOR.burst,
  upBytesPerSecond: null,
  downBytesPerSecond: null,
} as const;

const CONNECT_TIMEOUT_MS = 8_000;
const KEEP_ALIVE_MS = 30_000;

export interface SignedUrls {
  /** Asked while offline whether the network is back. */
  readonly base: URL;
  /** How the server's answers are told from a network's in between. */
  readonly judge: JudgeGenuineness;
  /** Asked to tell a dead session from a missing permission; null where the two are never confused. */
  readonly session: URL | null;
}

/** The HTTP of one account: `open` is for whoever signs in, `signed` for everybody else. */
export interface Http {
  readonly governor: Governor;
  /** Governed, retried and logged, but not signed: for the sign-in's own requests. */
  readonly open: Transport;
  /** Signed by `authenticator`. */
  signed(authenticator: Authenticator, urls: SignedUrls): Transport;
  close(): Promise<void>;
}

export function createHttp(options: HttpOptions): Http {
  const { clock, log, metrics } = options;
  const governor = new Governor({ ...DEFAULT_GOVERNOR, ...options });
  const bottom = new UndiciTransport({
    clock,
    connections: options.parallel + DEFAULT_GOVERNOR.besidesForInteractive,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const open = layered(
    bottom,
    retryLayer({ clock, log, metrics, ...DEFAULT_RETRY }),
    gatherLayer(clock),
    governedLayer(governor, clock),
    decorateLayer(options.userAgent ?? DECORATED_USER_AGENT),
    meterLayer({ clock, log, metrics }),
    genuineLayer,
    unpackLayer(log),
    bandwidthLayer(options),
  );
  const apart = new UndiciTransport({
    clock,
    connections: 1,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    keepAliveMs: 1,
  });
  const watch = new NetworkWatch({
    network: governor.network,
    transport: layered(apart, genuineLayer),
    clock,
    renewConnections: () => bottom.renewConnections(),
  });
  const links = new LinkWatch(clock, () => governor.network.suspect());
  return {
    governor,
    open,
    signed(authenticator, { base, session, judge }) {
      const probe = session === null ? null : new SessionProbe(session, authenticator, clock);
      watch.knows(base, judge);
      return layered(
        open,
        patienceLayer(clock),
        redirectLayer,
        sessionLayer({ authenticator, probe, clock, log }),
        judgedBy(judge),
      );
    },
    async close() {
      links.stop();
      watch.stop();
      await Promise.all([bottom.close(), apart.close()]);
    },
  };
}
