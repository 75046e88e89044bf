/**
 * What this server was found to offer: told by `odbfs doctor --probe`, or learned when it refused a way once and another
 * one worked. A tenant may close services that others have; it is asked again after a while, because tenants change.
 */
import type { Clock, Log } from '../../base/index.js';
import type { DriveError } from '../../drive/index.js';
import type { DateMemory, KnownDates } from './date-choice.js';

/** Ways to the server that have another one beside them. */
export const WAYS = [
  /** RenderListDataAsStream (protocol notes 3.4). */
  'list-all',
  /** GetListItemChangesSinceToken. */
  'changes-since',
  /** GetChanges. */
  'changes',
  /** Rows of both that tell the versions of their files: never taken for granted. */
  'row-versions',
  /** `Files/AddUsingPath` (3.2). */
  'add-file',
  /** StartUpload and what belongs to it (3.3). */
  'chunks',
  /** `$batch` (3.6). */
  'batch',
  /** ValidateUpdateListItem (3.5). */
  'set-times',
  /** `_api/site/usage` (3.6). */
  'usage',
  /** WebDAV's quota properties (2.2). */
  'dav-quota',
  /** The v2 drive's quota, by a token that the library's list hands out (3.7). */
  'drive-quota',
  /** `If-Match` on PUT (2.4): never taken for granted, only once it was seen at work. */
  'conditions',
  /** ETags in the spelling that we keep versions in (5.2.12). */
  'our-etags',
  /** ETags in the server's own spelling. */
  'their-etags',
] as const;

export type Way = (typeof WAYS)[number];

export interface KnownWay {
  readonly works: boolean;
  /** Wall clock, milliseconds since 1970. */
  readonly atMs: number;
}

/** Fewer rows than usual, which one page of the library may have here. */
export interface KnownRows {
  readonly rows: number;
  readonly atMs: number;
}

export type KnownWays = Readonly<Partial<Record<Way, KnownWay>>> & {
  readonly pageRows?: KnownRows;
  /** What the server makes of dates. */
  readonly dates?: KnownDates & { readonly atMs: number };
};

/** Where what was found is kept over restarts. Neither method throws. */
export interface WayMemory {
  load(): KnownWays;
  save(ways: KnownWays): void;
}

/** A refusal is believed for so long. */
const REFUSAL_MS = 7 * 24 * 60 * 60 * 1000;
/** The answers of a service that is not there for us. */
const REFUSALS = new Set([403, 404, 405, 501]);

/** The list view threshold: the most that one query may touch (protocol notes 5.1). */
const USUAL_PAGE_ROWS = 5_000;

export class ServerWays implements DateMemory {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #memory: WayMemory | null;
  #known: KnownWays;

  constructor({ clock, log, memory }: { clock: Clock; log: Log; memory: WayMemory | null }) {
    this.#clock = clock;
    this.#log = log;
    this.#memory = memory;
    this.#known = memory?.load() ?? {};
  }

  /** Rows that one page of the library may have here. */
  get pageRows(): number {
    const { pageRows } = this.#known;
    return pageRows === undefined || this.#isOld(pageRows) ? USUAL_PAGE_ROWS : pageRows.rows;
  }

  /** The server refused a page of more. */
  fewerRows(rows: number): void {
    this.#keep({ ...this.#known, pageRows: { rows, atMs: this.#clock.now() } });
  }

  get dates(): KnownDates | null {
    const { dates } = this.#known;
    return dates === undefined || this.#isOld(dates) ? null : dates;
  }

  keepDates(dates: KnownDates): void {
    this.#keep({ ...this.#known, dates: { ...dates, atMs: this.#clock.now() } });
  }

  /** False where the server refused it lately. */
  mayTry(way: Way): boolean {
    const known = this.#known[way];
    return known === undefined || known.works || this.#isOld(known);
  }

  /** True where it was seen at work. */
  isProven(way: Way): boolean {
    return this.#known[way]?.works === true;
  }

  works(way: Way): void {
    if (!this.isProven(way)) this.#learn(way, true);
  }

  refused(way: Way): void {
    if (!this.mayTry(way)) return;
    this.#log.info({ way }, 'the server does not offer this way: another one is used');
    this.#learn(way, false);
  }

  #learn(way: Way, works: boolean): void {
    this.#keep({ ...this.#known, [way]: { works, atMs: this.#clock.now() } });
  }

  #keep(known: KnownWays): void {
    this.#known = known;
    this.#memory?.save(known);
  }

  #isOld({ atMs }: { readonly atMs: number }): boolean {
    return this.#clock.now() - atMs > REFUSAL_MS;
  }
}

/** The status says that the service is not for us; a folder or file of that name is not what was asked about. */
export function isServiceRefusal(status: number | undefined): boolean {
  return status !== undefined && REFUSALS.has(status);
}

/**
 * A failure that another way may not have: the service is not for us, does not understand us, or breaks. What is said
 * about the file (it exists, is locked, is too large, the drive is full) is true by every way.
 */
export function isServiceFailure({ kind, status }: DriveError): boolean {
  if (kind === 'denied' || kind === 'absent' || kind === 'protocol') return true;
  return status === 400 || status === 405 || status === 500 || status === 501;
}
