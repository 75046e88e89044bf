/** Every counter of the daemon, named in one place. `status` and `SIGUSR1` show them. */
export const METRIC_NAMES = [
  'requests.total',
  'requests.retried',
  'requests.throttled',
  'requests.failed',
  'requests.bytesSent',
  'requests.bytesReceived',
  'attributes.hits',
  'attributes.misses',
  'content.hits',
  'content.misses',
  'content.bytesFetched',
  'content.bytesPrefetched',
  'uploads.sent',
  'uploads.copied',
  'uploads.superseded',
  'uploads.conflicts',
  'uploads.refused',
  'kernel.requests',
  'kernel.interrupted',
  'kernel.invalidations',
  'bugs',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/** Counters that only grow, from zero at start. */
export class Metrics {
  readonly #counts = new Map<MetricName, number>();

  add(name: MetricName, amount = 1): void {
    this.#counts.set(name, this.get(name) + amount);
  }

  get(name: MetricName): number {
    return this.#counts.get(name) ?? 0;
  }

  snapshot(): Record<MetricName, number> {
    return Object.fromEntries(METRIC_NAMES.map((name) => [name, this.get(name)])) as Record<
      MetricName,
      number
    >;
  }
}
