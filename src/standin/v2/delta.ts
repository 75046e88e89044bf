/**
 * `root/delta` (protocol notes 3.7): first everything in pages, then what changed; `token=latest` begins at the end; a
 * token that is too old is 410 with a place to start over.
 */
import { BadChangeToken } from '../store/change-log.js';
import type { Item } from '../store/item.js';
import { deletedJson, itemJson } from './drive-item.js';
import type { ItemOperation } from './items.js';
import type { V2Call } from './v2-call.js';
import { V2Error } from './v2-error.js';

const PAGE_ITEMS = 200;
const LARGEST_PAGE = 5000;
const DAY_MS = 86_400_000;

/** A position: how far the first enumeration is, if it is still on, and the change token to go on from. */
interface Position {
  readonly afterNumber: number | null;
  readonly changeToken: string;
}

export const delta: ItemOperation = async (call) => {
  const token = call.request.query.get('token') ?? call.request.query.get('$skiptoken');
  const top = Math.min(LARGEST_PAGE, Number(call.request.query.get('$top') ?? PAGE_ITEMS) || PAGE_ITEMS);
  const { changes } = call.site.store;
  const nowMs = call.world.clock.now();
  if (token === 'latest') {
    const position = { afterNumber: null, changeToken: changes.end(nowMs) };
    return call.replyJson(200, { value: [], '@odata.deltaLink': linkTo(call, position) });
  }
  const position =
    token === null ? { afterNumber: -1, changeToken: changes.end(nowMs) } : positionIn(call, token);
  if (position.afterNumber !== null)
    return enumerate(call, { ...position, afterNumber: position.afterNumber }, top);
  await changed(call, position.changeToken, top);
};

async function enumerate(
  call: V2Call,
  position: Position & { afterNumber: number },
  top: number,
): Promise<void> {
  const { store } = call.site;
  const items: Item[] = [];
  let number = position.afterNumber + 1;
  for (; number < store.nextNumber && items.length < top; number++) {
    const item = store.byNumber(number);
    if (item !== undefined && call.view.isVisible(item)) items.push(item);
  }
  const isLast = number >= store.nextNumber;
  const next = { afterNumber: isLast ? null : number - 1, changeToken: position.changeToken };
  const link = { [isLast ? '@odata.deltaLink' : '@odata.nextLink']: linkTo(call, next) };
  await call.replyJson(200, { value: items.map((item) => itemJson(call, item)), ...link });
}

async function changed(call: V2Call, token: string, top: number): Promise<void> {
  const { store } = call.site;
  const nowMs = call.world.clock.now();
  const oldestMs = nowMs - call.world.switches.changeLogDays * DAY_MS;
  let found: ReturnType<typeof store.changes.since>;
  try {
    found = store.changes.since(token, top, oldestMs);
  } catch (error) {
    if (!(error instanceof BadChangeToken)) throw error;
    throw gone(call, error.message);
  }
  const numbers = [...new Set(found.entries.map((entry) => entry.number))];
  const value = numbers.map((number) => {
    const item = store.byNumber(number);
    return item === undefined ? deletedJson(store.guids.guidOf(number)) : itemJson(call, item);
  });
  const changeToken = found.more ? store.changes.tokenAfter(found.entries.at(-1)!) : store.changes.end(nowMs);
  const link = linkTo(call, { afterNumber: null, changeToken });
  await call.replyJson(200, { value, [found.more ? '@odata.nextLink' : '@odata.deltaLink']: link });
}

function linkTo(call: V2Call, position: Position): string {
  const token = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${call.baseUrl}/drives/${call.driveId}/root/delta?token=${token}`;
}

function positionIn(call: V2Call, token: string): Position {
  try {
    const position = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Position;
    if (typeof position.changeToken === 'string') return position;
  } catch {
    // Falls through: a token that nobody here wrote.
  }
  throw gone(call, 'The token is malformed.');
}

function gone(call: V2Call, message: string): V2Error {
  return new V2Error(410, 'resyncChangesApplyDifferences', message, {
    Location: `${call.baseUrl}/drives/${call.driveId}/root/delta`,
  });
}
