/** What an account's server was found to offer, beside its state: learned by its daemon, or told by the probe's report. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../base/index.js';
import {
  foundWays,
  type KnownWay,
  type KnownWays,
  type ProbeReport,
  WAYS,
  type WayMemory,
} from '../sharepoint/index.js';
import { PROBE_FILE } from './account-folders.js';
import { readKept, replaceKept } from './kept-json.js';

const WAY_FILE = 'ways.json';

const knownWay = z.object({ works: z.boolean(), atMs: z.number() });
const knownRows = z.object({ rows: z.number().int().positive(), atMs: z.number() });
const knownDates = z.object({
  first: z.number().int().nonnegative(),
  errorsMs: z.record(z.string(), z.number()),
  atMs: z.number(),
});
const wayFile = z.object({
  format: z.literal(1),
  ways: z.record(z.string(), knownWay),
  pageRows: knownRows.optional(),
  dates: knownDates.optional(),
});
const probeFile = z.object({
  format: z.literal(1),
  madeAt: z.string(),
  serverBuild: z.string().nullable(),
  answers: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      verdict: z.enum(['yes', 'no', 'unknown']),
      seen: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    }),
  ),
});

export class WayFile implements WayMemory {
  readonly #folder: string;
  readonly #log: Log;

  constructor(stateFolder: string, log: Log) {
    this.#folder = stateFolder;
    this.#log = log;
  }

  /** Of what was learned and what was told, the newer counts. */
  load(): KnownWays {
    const file = wayFile.safeParse(this.#read(WAY_FILE)).data;
    const learned = file?.ways ?? {};
    const report: ProbeReport | undefined = probeFile.safeParse(this.#read(PROBE_FILE)).data;
    const told = report === undefined ? {} : foundWays(report);
    const ways = WAYS.map((way) => [way, newer(learned[way], told[way])] as const);
    const known = Object.fromEntries(ways.filter(([, known]) => known !== undefined));
    const { pageRows, dates } = file ?? {};
    return { ...known, ...(pageRows && { pageRows }), ...(dates && { dates }) };
  }

  save({ pageRows, dates, ...ways }: KnownWays): void {
    try {
      replaceKept(join(this.#folder, WAY_FILE), { format: 1, ways, pageRows, dates });
    } catch (error) {
      this.#log.debug({ error }, 'what was learned of the server is not kept');
    }
  }

  /** Nothing where there is no such file, or none that can be read: then it is learned anew. */
  #read(name: string): unknown {
    return readKept(join(this.#folder, name));
  }
}

function newer(one: KnownWay | undefined, other: KnownWay | undefined): KnownWay | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.atMs > other.atMs ? one : other;
}
