/**
 * Whether rows of the library tell what its files do: their times and sizes, which some sites write for people only, and
 * the versions that they have. Rows have a counter where WebDAV has an ETag, and no
 * source promises that the two are one (protocol notes 2.2, 3.4): taken on trust, a row would make every file look changed,
 * or none. So the first rows are compared with the files themselves, until one of them proves it. Where one contradicts it,
 * what rows have of versions is not looked at any more.
 */
import { DriveError, type DriveErrorKind, type PlacedItem, type RequestOptions } from '../../drive/index.js';
import { revisionIn } from '../wire/etag.js';
import type { Remote } from './remote.js';
import { statOrNull } from './stat.js';

/** Files of a page that are looked at. */
const MOST_SAMPLES = 3;
/** Both are 1 for whatever was never touched: that they agree says nothing yet. */
const TELLING_REVISION = 2;
/** What a file and its row say may be a moment apart: asked again after these pauses. */
export const PAUSES_MS = [500, 1_500, 4_000];
/** Says nothing of the item: whoever asked for the rows asks again. */
export const PASSING: ReadonlySet<DriveErrorKind> = new Set(['unreachable', 'throttled', 'signed-out']);

/** The files of a page whose versions are from a counter that may be another one: the most often changed ones first. */
export class RowSamples {
  readonly files: PlacedItem[] = [];
  /** More rows than may be are without something that a listing tells. */
  hasGaps = false;

  add(placed: PlacedItem): void {
    if (placed.item.kind !== 'file') return;
    this.files.push(placed);
    if (this.files.length > 2 * MOST_SAMPLES) this.#keepBest();
  }

  addAll(others: RowSamples): void {
    this.files.push(...others.best);
    this.hasGaps ||= others.hasGaps;
  }

  get best(): readonly PlacedItem[] {
    this.#keepBest();
    return this.files;
  }

  #keepBest(): void {
    this.files.sort((one, other) => revision(other) - revision(one)).splice(MOST_SAMPLES);
  }
}

export interface Sampled {
  readonly samples: RowSamples;
}

/** A page that tells what its files do, as far as anybody can know; null: it does not. */
export async function believedPage<Page extends Sampled>(
  remote: Remote,
  ask: () => Promise<Page>,
  options: RequestOptions,
): Promise<Page | null> {
  const { ways, clock } = remote;
  for (const pauseMs of [...PAUSES_MS, null]) {
    const page = await ask();
    if (page.samples.hasGaps) return null;
    if (ways.isProven('row-versions') || !ways.mayTry('row-versions')) return page;
    const verdict = await judged(remote, page.samples.best, options);
    if (verdict === 'proven') ways.works('row-versions');
    if (verdict !== 'contradicted') return page;
    if (pauseMs !== null) await clock.sleep(pauseMs, options.signal);
  }
  ways.refused('row-versions');
  const page = await ask();
  return page.samples.hasGaps ? null : page;
}

/** `elsewhere`: nothing can be said of this one, which is gone or was changed meanwhile. */
type Verdict = 'proven' | 'open' | 'contradicted' | 'elsewhere';

async function judged(
  remote: Remote,
  samples: readonly PlacedItem[],
  options: RequestOptions,
): Promise<Verdict> {
  for (const sample of samples) {
    const verdict = await compared(remote, sample, options);
    if (verdict !== 'elsewhere') return verdict;
  }
  return 'open';
}

async function compared(
  remote: Remote,
  { path, item }: PlacedItem,
  options: RequestOptions,
): Promise<Verdict> {
  try {
    const present = await statOrNull(remote, path, options);
    if (present === null || present.id !== item.id) return 'elsewhere';
    if (present.version === item.version) return revision({ item }) >= TELLING_REVISION ? 'proven' : 'open';
    // what was changed meanwhile looks different
    const isSame = present.size === item.size && present.modifiedMs === item.modifiedMs;
    return isSame ? 'contradicted' : 'elsewhere';
  } catch (error) {
    if (!(error instanceof DriveError) || PASSING.has(error.kind)) throw error;
    return 'elsewhere';
  }
}

function revision({ item }: Pick<PlacedItem, 'item'>): number {
  return revisionIn(item.version) ?? 0;
}
