/** The whole library in pages (RenderListDataAsStream with RecursiveAll, protocol notes 3.4), and its change log. */
import {
  absentAsNull,
  type ChangePage,
  type ChangeToken,
  DriveError,
  type DrivePath,
  type RequestOptions,
  type SnapshotCursor,
  type SnapshotOptions,
  type SnapshotPage,
  type TreeSource,
} from '../../drive/index.js';
import { EitherChangeLog, lost } from './change-log.js';
import { type ItemPage, itemPage } from './list-pages.js';
import type { Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import { believedPage } from './row-versions.js';
import { SeenDepth } from './seen-depth.js';
import { isServiceRefusal } from './server-ways.js';

const UNBELIEVABLE = 'the rows of this library do not tell what its files do';

export class RestTreeSource implements TreeSource {
  readonly #remote: Remote;
  readonly #rest: RestClient;
  readonly #log: EitherChangeLog;
  readonly #depth = new SeenDepth();

  constructor(remote: Remote, rest: RestClient) {
    this.#remote = remote;
    this.#rest = rest;
    this.#log = new EitherChangeLog(remote, rest);
  }

  async currentToken(options: RequestOptions): Promise<ChangeToken> {
    if (!this.#remote.ways.mayTry('list-all')) {
      throw new DriveError('denied', 'the server does not show this library as a whole');
    }
    return this.#log.currentToken(options);
  }

  async snapshot(cursor: SnapshotCursor | null, options: SnapshotOptions): Promise<SnapshotPage> {
    const page = await believedPage(this.#remote, () => this.#page(cursor, options), options);
    if (page === null) {
      this.#isUnbelievable();
      throw new DriveError('denied', UNBELIEVABLE);
    }
    if (page.next !== null && page.next === cursor)
      throw new DriveError('protocol', 'the pages go in a circle');
    this.#depth.add(page, cursor === null);
    if (page.next === null && (await this.#isTopAlone(options))) {
      this.#isUnbelievable();
      throw new DriveError('denied', UNBELIEVABLE);
    }
    const { items, unversioned, next } = page;
    return { items, unversioned, next, unplaced: page.unplaced.map(({ id }) => id) };
  }

  async changes(since: ChangeToken, options: RequestOptions): Promise<ChangePage> {
    const page = await believedPage(this.#remote, () => this.#log.changes(since, options), options);
    if (page !== null) return page;
    this.#isUnbelievable();
    throw lost();
  }

  /** There is something in a folder, and the whole library does not show it, now that it is asked for once more. */
  async #isTopAlone(options: SnapshotOptions): Promise<boolean> {
    for (const folder of this.#depth.doubtful) {
      const inside = await absentAsNull(this.#rows(folder, null, options));
      if (inside !== null && hasItems(inside)) return !(await this.#goesBelowTop(options));
    }
    return false;
  }

  /** What has just been put into a folder may be on the last page. */
  async #goesBelowTop(options: SnapshotOptions): Promise<boolean> {
    for (let paging: string | null = null; ; ) {
      const { isBelowTop, next } = await this.#rows(null, paging, options);
      if (isBelowTop || next === null || next === paging) return isBelowTop;
      paging = next;
    }
  }

  #rows(folder: DrivePath | null, paging: string | null, options: SnapshotOptions): Promise<ItemPage> {
    return itemPage(this.#remote, this.#rest, { folder, paging }, options);
  }

  /** From now on files and folders are asked themselves. */
  #isUnbelievable(): void {
    this.#remote.log.info(UNBELIEVABLE);
    this.#remote.ways.refused('list-all');
  }

  async #page(cursor: SnapshotCursor | null, options: SnapshotOptions) {
    try {
      return await itemPage(this.#remote, this.#rest, { folder: null, paging: cursor }, options);
    } catch (error) {
      // the first page: a cursor of long ago may be refused for itself
      const isRefusal = error instanceof DriveError && isServiceRefusal(error.status);
      if (isRefusal && cursor === null) this.#remote.ways.refused('list-all');
      throw error;
    }
  }
}

function hasItems({ items, unversioned }: ItemPage): boolean {
  return items.length + unversioned.length > 0;
}
