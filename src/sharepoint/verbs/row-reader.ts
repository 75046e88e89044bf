/**
 * Reads the rows of one answer about the library. What a few of them do not tell is asked of the items themselves; where
 * more do not, the rows of this library are no use, and the samples say so.
 */
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type PlacedItem,
  type RequestOptions,
  type UnversionedItem,
} from '../../drive/index.js';
import { type ListRow, listedVersion, rowItem, rowKeys, rowPath, rowVersion } from '../wire/list-rows.js';
import type { Remote } from './remote.js';
import { PASSING, RowSamples } from './row-versions.js';
import { statOrNull } from './stat.js';

/** Each of them costs a request. */
const MOST_LOOKS = 50;

export type UnplacedRow = ReturnType<typeof rowKeys>;

export class RowReader {
  readonly items: PlacedItem[] = [];
  /** Of these no row tells the version. */
  readonly unversioned: UnversionedItem[] = [];
  /** Of these no row tells where they are, or not truly; no more of them than it takes to see that they are too many. */
  readonly unplaced: UnplacedRow[] = [];
  readonly samples = new RowSamples();
  /** A row was of something in a folder of the library, whatever has become of that since. */
  isBelowTop = false;
  readonly #remote: Remote;
  readonly #believesLists: boolean;
  /** What the rows with gaps are about; no more of them than it takes to see that they are too many. */
  readonly #untold: (UnplacedRow & { readonly path: DrivePath })[] = [];

  constructor(remote: Remote) {
    this.#remote = remote;
    this.#believesLists = remote.ways.mayTry('row-versions');
  }

  add(row: ListRow): void {
    const path = rowPath(row, this.#remote.locations);
    if (path === null) return;
    if (path === 'unreadable') {
      if (this.unplaced.length <= MOST_LOOKS) this.unplaced.push(rowKeys(row));
      return;
    }
    this.isBelowTop ||= path.indexOf('/', 1) > 0;
    const item = rowItem(row, path);
    if (item !== null) this.#told(row, { path, item });
    else if (this.#untold.length <= MOST_LOOKS) this.#untold.push({ ...rowKeys(row), path });
  }

  /** To be called when all rows are in. */
  async ask(options: RequestOptions): Promise<void> {
    if (Math.max(this.#untold.length, this.unplaced.length) > MOST_LOOKS) this.samples.hasGaps = true;
    else for (const row of this.#untold) await this.#look(row, options);
  }

  #told(row: ListRow, { path, item }: UnversionedItem): void {
    const sure = rowVersion(row, item.id);
    const version = sure ?? (this.#believesLists ? listedVersion(row, item.id) : null);
    if (version === null) {
      this.unversioned.push({ path, item });
      return;
    }
    const placed = { path, item: { ...item, version } };
    this.items.push(placed);
    if (sure === null) this.samples.add(placed);
  }

  /** What is not there any more may be gone, which the change log tells, or its folder was moved, which is not told for it. */
  async #look(
    { path, number, id }: UnplacedRow & { path: DrivePath },
    options: RequestOptions,
  ): Promise<void> {
    const item = await this.#itemAt(path, options);
    if (item !== null && (id === null || item.id === id)) this.items.push({ path, item });
    else this.unplaced.push({ number, id });
  }

  async #itemAt(path: DrivePath, options: RequestOptions): Promise<DriveItem | null> {
    try {
      return await statOrNull(this.#remote, path, options);
    } catch (error) {
      if (!(error instanceof DriveError) || PASSING.has(error.kind)) throw error;
      this.#remote.log.info(
        { path, error },
        'neither a row of the library nor the item itself tells what it is',
      );
      this.samples.hasGaps = true;
      return null;
    }
  }
}
