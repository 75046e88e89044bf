/**
 * GetChanges (protocol notes 3.4): tells what changed and how, but not where it is now. The rows of what is still there
 * are asked for by their numbers afterwards. What has no row any more is gone, whatever the log said of it: what went
 * with a folder is not named for itself, and may have come into that folder just before.
 */
import { type Change, type ChangeToken, DriveError, type RequestOptions } from '../../drive/index.js';
import { readText } from '../http/body.js';
import { driveErrorOf } from '../wire/drive-error.js';
import { itemIdIn } from '../wire/etag.js';
import { type ChangeLog, isTokenLost, lost, type SampledChanges } from './change-log.js';
import { listLiteral } from './list-pages.js';
import { type Logged, NotShownYet } from './not-shown-yet.js';
import { accepted, errorText, type Remote } from './remote.js';
import { field, jsonOf, numberIn, type RestClient, stringIn, unwrapped } from './rest-client.js';
import { type FoundRows, NUMBERS_PER_QUERY, rowsByNumber } from './rows-by-number.js';
import { versionsOfRows } from './versions-of-rows.js';

const CHANGES_PER_PAGE = 1_000;
/** A server may have a lower limit of its own: a page of so many may not be the last. */
const SMALL_PAGE = 100;
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;
/** SP.ChangeType. */
const DELETED = 3;
/** SP.FileSystemObjectType. */
const FILE = 0;

interface ItemChange extends Logged {
  readonly token: string;
  readonly number: number;
}

interface FirstRows {
  readonly some: readonly ItemChange[];
  /** The last entry about each item. */
  readonly last: readonly ItemChange[];
  readonly rows: FoundRows;
}

export class ChangedIds implements ChangeLog {
  readonly #remote: Remote;
  readonly #rest: RestClient;
  /** What its limit may be, if it is lower still: no page was ever longer. */
  #longestPage = 1;
  /** Of how many items one answer has the rows. */
  #rowsPerAnswer = NUMBERS_PER_QUERY;
  readonly #notShownYet: NotShownYet;

  constructor(remote: Remote, rest: RestClient) {
    this.#remote = remote;
    this.#rest = rest;
    this.#notShownYet = new NotShownYet(remote.clock);
  }

  async currentToken(options: RequestOptions): Promise<ChangeToken> {
    const query = `@l=${listLiteral(this.#remote)}&$select=CurrentChangeToken`;
    const response = await this.#rest.get({ path: 'web/GetList(@l)', query }, options);
    const list = await jsonOf(await accepted(response, 'tree', 'the change log'));
    const token = stringIn(field(field(list, 'CurrentChangeToken'), 'StringValue'));
    if (token === null) throw new DriveError('protocol', 'the library gave no change token');
    return token;
  }

  async changes(since: ChangeToken, options: RequestOptions): Promise<SampledChanges> {
    const entries = await this.#entries(since, options);
    const { some, last, rows } = await this.#firstRows(entries, options);
    const { items, unversioned, unplaced, samples } = rows;
    const present = new Set([...items, ...unversioned].map(({ item }) => item.id));
    const asked = await versionsOfRows(this.#remote, unversioned, options);
    const elsewhere = asked.missing.map((id): Change => ({ kind: 'unplaced', id }));
    const puts = [...items, ...asked.found].map((placed): Change => ({ kind: 'put', placed }));
    const somewhere = new Set(unplaced.map(({ number }) => number));
    const rowless = last.filter(({ id, number }) => !present.has(id) && !somewhere.has(number));
    const waited = this.#notShownYet.among(new Set(rowless.map(({ id }) => id)), entries);
    const gone = rowless
      .filter(({ id }) => !waited.has(id))
      .map(
        ({ id, isRemoval }): Change => ({ kind: 'removed', id, by: isRemoval ? 'the log' : 'its absence' }),
      );
    const hidden = last
      .filter(({ id, number }) => !present.has(id) && somewhere.has(number))
      .map(({ id }): Change => ({ kind: 'unplaced', id }));
    return {
      changes: [...gone, ...hidden, ...elsewhere, ...puts],
      samples,
      awaited: [...waited],
      ...this.#reached(since, { entries, some }, waited),
    };
  }

  /**
   * Of the first of them, as many as one answer has the rows of: what the rows say of where things are is true for one
   * moment, and folders may move between two answers.
   */
  async #firstRows(entries: readonly ItemChange[], options: RequestOptions): Promise<FirstRows> {
    for (;;) {
      const some = aboutFew(entries, this.#rowsPerAnswer);
      const last = [...new Map(some.map((entry) => [entry.id, entry])).values()];
      // also of what was removed: it may have been restored since, which a later page tells
      const rows = await rowsByNumber(this.#remote, this.#rest, last, options);
      if (rows.cutAfter === null || rows.cutAfter === 0) return { some, last, rows };
      this.#rowsPerAnswer = rows.cutAfter;
    }
  }

  #reached(
    since: ChangeToken,
    { entries, some }: { readonly entries: readonly ItemChange[]; readonly some: readonly ItemChange[] },
    waited: ReadonlySet<string>,
  ): { token: ChangeToken; more: boolean } {
    this.#longestPage = Math.max(this.#longestPage, entries.length);
    const first = some.findIndex(({ id }) => waited.has(id));
    const reached = first < 0 ? some : some.slice(0, first);
    const isPage = entries.length < Math.min(SMALL_PAGE, this.#longestPage);
    const isLast = isPage && some.length === entries.length;
    return { token: reached.at(-1)?.token ?? since, more: first < 0 && !isLast };
  }

  async #entries(since: ChangeToken, options: RequestOptions): Promise<ItemChange[]> {
    const query = {
      Item: true,
      Folder: true,
      File: true,
      Add: true,
      Update: true,
      SystemUpdate: true,
      DeleteObject: true,
      Move: true,
      Rename: true,
      Restore: true,
      FetchLimit: String(CHANGES_PER_PAGE),
      ChangeTokenStart: { StringValue: since },
    };
    const call = { path: 'web/GetList(@l)/GetChanges', query: `@l=${listLiteral(this.#remote)}` };
    const response = await this.#rest.postJson(call, { query }, options, { mayBePacked: true });
    if (response.status < 200 || response.status >= 300) {
      const { status, headers } = response;
      const refusal = { status, headers, text: await errorText(response) };
      throw isTokenLost(refusal) ? lost() : driveErrorOf(refusal, 'tree', 'the change log');
    }
    return entriesIn(JSON.parse(await readText(response, LONGEST_ANSWER_BYTES)));
  }
}

/** From the first on those that are about so many items. */
function aboutFew(entries: readonly ItemChange[], most: number): readonly ItemChange[] {
  const ids = new Set<string>();
  const end = entries.findIndex(({ id }) => ids.add(id).size > most);
  return end < 0 ? entries : entries.slice(0, end);
}

function entriesIn(answer: unknown): ItemChange[] {
  const inner = unwrapped(answer);
  const list = field(inner, 'value') ?? field(inner, 'results');
  if (!Array.isArray(list)) throw new DriveError('protocol', 'the changes are no list');
  return list.map((change) => {
    const token = stringIn(field(field(change, 'ChangeToken'), 'StringValue'));
    const number = numberIn(field(change, 'ItemId'));
    const id = itemIdIn(stringIn(field(change, 'UniqueId')) ?? '');
    // without an identity nobody can tell what changed: only a new snapshot can
    if (token === null || number === null || id === null) throw lost();
    const isRemoval = numberIn(field(change, 'ChangeType')) === DELETED;
    const mayBeFolder = numberIn(field(change, 'FileSystemObjectType')) !== FILE;
    return { token, number, id, isRemoval, mayBeFolder };
  });
}
