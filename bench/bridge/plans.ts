/** What bench/bridge measures, and the bars it is held to (ratios to the C server). */
export interface Phase {
  readonly name: string;
  /** What `workload` is told. */
  readonly phase: string;
  readonly count: number;
  readonly unit: string;
  /** The ratio to the C server that is to be reached; null: only shown, or only preparation. */
  readonly bar: number | null;
}

export interface Plan {
  readonly title: string;
  readonly pinned: boolean;
  readonly clients: number;
  readonly validSeconds: number;
  readonly phases: readonly Phase[];
}

const PER_SECOND = '/s';
const MEBIBYTES = 'MiB/s';

const phase = (
  name: string,
  what: string,
  count: number,
  bar: number | null = null,
  unit = PER_SECOND,
): Phase => ({
  name,
  phase: what,
  count,
  unit,
  bar,
});

export function plans(scale: number): readonly Plan[] {
  const files = Math.round(10_000 * scale);
  const mebibytes = Math.round(512 * scale);
  const stat = (bar: number) => [
    phase('create, nothing believed', 'create', files / 2),
    phase('uncached stat', 'stat', files / 2, bar),
    phase('unlink, nothing believed', 'unlink', files / 2),
  ];
  return [
    {
      ...{ title: 'one CPU, one client', pinned: true, clients: 1, validSeconds: 3600 },
      phases: [
        phase('create+1K+close', 'create', files, 0.7),
        phase('ls -l', 'list', files, 0.7),
        phase('open-read-close', 'open-read-close', files, 0.85),
        phase('unlink', 'unlink', files, 0.75),
      ],
    },
    {
      ...{ title: 'one CPU, one client, nothing believed', pinned: true, clients: 1, validSeconds: 0 },
      phases: stat(0.85),
    },
    {
      ...{ title: 'eight clients', pinned: false, clients: 8, validSeconds: 3600 },
      phases: [
        phase('create+1K+close', 'create', files, 0.75),
        phase('open-read-close', 'open-read-close', files, 0.85),
        phase('unlink', 'unlink', files, 0.8),
      ],
    },
    {
      ...{ title: 'eight clients, nothing believed', pinned: false, clients: 8, validSeconds: 0 },
      phases: stat(0.95),
    },
    {
      ...{ title: 'one CPU, data', pinned: true, clients: 1, validSeconds: 3600 },
      phases: [
        phase('sequential write', 'write', mebibytes, 0.9, MEBIBYTES),
        phase('sequential read, cold', 'read', mebibytes, 0.95, MEBIBYTES),
        phase('random 4K reads', 'random', 2 * files, 0.95),
        phase('4K writes', 'write-4k', mebibytes / 8, null, MEBIBYTES),
      ],
    },
    {
      ...{ title: 'data in default placement', pinned: false, clients: 1, validSeconds: 3600 },
      phases: [
        phase('sequential write', 'write', 2 * mebibytes, null, MEBIBYTES),
        phase('sequential read, cold', 'read', 2 * mebibytes, null, MEBIBYTES),
      ],
    },
    {
      ...{ title: 'data, eight clients', pinned: false, clients: 8, validSeconds: 3600 },
      phases: [
        phase('file for them', 'write', mebibytes, null, MEBIBYTES),
        phase('random 4K reads', 'random', 4 * files, null),
      ],
    },
  ];
}

/** A daemon lives for days: what it costs until all is compiled is not the question. */
export const WARM_UP: readonly Phase[] = Array.from({ length: 4 }, () =>
  ['create', 'list', 'stat', 'open-read-close', 'unlink'].map((what) => phase('warm-up', what, 3000)),
).flat();
