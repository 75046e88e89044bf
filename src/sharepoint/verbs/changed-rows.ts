/** GetListItemChangesSinceToken (protocol notes 3.4): its rows tell where a changed item is now. */
import { type Change, type ChangeToken, DriveError, type RequestOptions } from '../../drive/index.js';
import { readText } from '../http/body.js';
import { type ChangeRowset, parseChangeRowset } from '../wire/change-rowset.js';
import { driveErrorOf } from '../wire/drive-error.js';
import { itemIdIn } from '../wire/etag.js';
import { type ListRow, ROW_FIELDS } from '../wire/list-rows.js';
import { inSlices } from '../wire/xml-records.js';
import { type ChangeLog, isTokenLost, lost, type SampledChanges } from './change-log.js';
import { listLiteral } from './list-pages.js';
import { errorText, type Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import { RowReader } from './row-reader.js';
import { PASSING } from './row-versions.js';
import { type FoundRows, type NumberedItem, rowsByNumber } from './rows-by-number.js';
import { versionsOfRows } from './versions-of-rows.js';

const CHANGES_PER_PAGE = 500;
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;
/** Pages of rows that belong to one page of changes. */
const MOST_POSITIONS = 1_000;
export class ChangedRows implements ChangeLog {
  readonly #remote: Remote;
  readonly #rest: RestClient;

  constructor(remote: Remote, rest: RestClient) {
    this.#remote = remote;
    this.#rest = rest;
  }

  async currentToken(options: RequestOptions): Promise<ChangeToken> {
    const { lastToken } = await this.#ask({ token: null, position: null, rows: 1 }, options);
    if (lastToken === null) throw new DriveError('protocol', 'the library gave no change token');
    return lastToken;
  }

  async changes(since: ChangeToken, options: RequestOptions): Promise<SampledChanges> {
    const first = await this.#ask({ token: since, position: null, rows: CHANGES_PER_PAGE }, options);
    if (first.lastToken === null || first.marks.some(({ type }) => type === 'InvalidToken')) throw lost();
    const rows: ListRow[] = [...first.rows];
    let { position } = first;
    for (let pages = 0; position !== null; pages++) {
      if (pages >= MOST_POSITIONS) throw new DriveError('protocol', 'the changes have no end');
      const next = await this.#ask({ token: since, position, rows: CHANGES_PER_PAGE }, options);
      for (const row of next.rows) rows.push(row);
      position = next.position === position ? null : next.position;
    }
    const found = new RowReader(this.#remote);
    await inSlices(rows, (row) => found.add(row));
    await found.ask(options);
    const { samples } = found;
    const { items, unversioned, unplaced } = await this.#withPlaces(found, options);
    const told = [...items, ...unversioned].map(({ item }) => item.id);
    const asked = await versionsOfRows(this.#remote, unversioned, options);
    const changes: Change[] = [
      ...removals(first.marks, new Set([...told, ...unplaced.map(({ id }) => id ?? '')])),
      ...[...unplaced.map(({ id }) => id), ...asked.missing].map((id): Change => ({ kind: 'unplaced', id })),
      ...[...items, ...asked.found].map((placed): Change => ({ kind: 'put', placed })),
    ];
    return { changes, samples, token: first.lastToken, more: first.more && first.lastToken !== since };
  }

  /** The other service may tell where an item is that has no place here. */
  async #withPlaces(found: Rows, options: RequestOptions): Promise<Rows> {
    const numbered = found.unplaced.flatMap(({ number, id }) => (number === null ? [] : [{ number, id }]));
    if (numbered.length === 0 || found.samples.hasGaps) return found;
    const rows = await this.#byNumber(numbered, options);
    if (rows === null) return found;
    const unasked = found.unplaced.filter(({ number }) => number === null);
    return {
      samples: found.samples,
      items: [...found.items, ...rows.items],
      unversioned: [...found.unversioned, ...rows.unversioned],
      unplaced: [...unasked, ...rows.unplaced],
    };
  }

  async #byNumber(wanted: readonly NumberedItem[], options: RequestOptions): Promise<FoundRows | null> {
    try {
      return await rowsByNumber(this.#remote, this.#rest, wanted, options);
    } catch (error) {
      if (!(error instanceof DriveError) || PASSING.has(error.kind)) throw error;
      this.#remote.log.info({ error }, 'where some items are that have changed is not told');
      return null;
    }
  }

  async #ask(asked: Asked, options: RequestOptions): Promise<ChangeRowset> {
    const query = {
      __metadata: { type: 'SP.ChangeLogItemQuery' },
      ...(asked.token === null ? {} : { ChangeToken: asked.token }),
      QueryOptions: queryOptions(asked.position),
      ViewFields: `<ViewFields>${ROW_FIELDS.map((name) => `<FieldRef Name="${name}"/>`).join('')}</ViewFields>`,
      RowLimit: String(asked.rows),
    };
    const call = {
      path: 'web/GetList(@l)/GetListItemChangesSinceToken',
      query: `@l=${listLiteral(this.#remote)}`,
    };
    const headers = {
      'content-type': 'application/json;odata=verbose',
      accept: 'application/xml, text/xml, */*',
    };
    const response = await this.#rest.postJson(call, { query }, options, {
      headers,
      mayBePacked: true,
    });
    if (response.status >= 200 && response.status < 300) {
      return parseChangeRowset(await readText(response, LONGEST_ANSWER_BYTES));
    }
    const refusal = { status: response.status, headers: response.headers, text: await errorText(response) };
    const isLost = asked.token !== null && isTokenLost(refusal);
    throw isLost ? lost() : driveErrorOf(refusal, 'tree', 'the change log');
  }
}

type Rows = Pick<RowReader, 'items' | 'unversioned' | 'unplaced' | 'samples'>;

interface Asked {
  readonly token: ChangeToken | null;
  readonly position: string | null;
  readonly rows: number;
}

function queryOptions(position: string | null): string {
  const paging =
    position === null
      ? ''
      : `<Paging ListItemCollectionPositionNext="${position.replaceAll('&', '&amp;')}"/>`;
  return (
    `<QueryOptions><IncludeMandatoryColumns>FALSE</IncludeMandatoryColumns><DateInUtc>TRUE</DateInUtc>${paging}` +
    '<ViewAttributes Scope="RecursiveAll"/></QueryOptions>'
  );
}

const GONE = new Set(['Delete', 'MoveAway']);

/**
 * What changed, whatever the log calls it, and is not among the rows is gone: what went with a folder is not named for
 * itself, and may have been renamed into that folder just before.
 */
function removals(marks: ChangeRowset['marks'], present: ReadonlySet<string>): Change[] {
  const removals = new Map<string, 'the log' | 'its absence'>();
  for (const { type, uniqueId } of marks) {
    const id = itemIdIn(uniqueId);
    // without an identity nobody can tell what was removed: only a new snapshot can
    if (id === null && GONE.has(type)) throw lost();
    if (id !== null && !present.has(id)) removals.set(id, type === 'Delete' ? 'the log' : 'its absence');
  }
  return [...removals].map(([id, by]) => ({ kind: 'removed', id, by }));
}
