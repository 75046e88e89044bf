/** GetChanges of a list (protocol notes 3.4): every change by itself, with its own token. */
import { BadChangeToken, type ChangeEntry, type ChangeType } from '../store/change-log.js';
import { timeText } from './entities.js';
import type { RestCall } from './rest-call.js';
import { badQuery, RestError } from './rest-error.js';
import { collectionAnswer, type Entity } from './shapes.js';

/** SP.ChangeType. */
const NUMBERS: Readonly<Record<ChangeType, number>> = {
  add: 1,
  update: 2,
  delete: 3,
  rename: 4,
  'move-away': 5,
  'move-into': 6,
  restore: 7,
};

/** The flag of SP.ChangeQuery that asks for a type. */
const FLAGS: Readonly<Record<ChangeType, string>> = {
  add: 'Add',
  update: 'Update',
  delete: 'DeleteObject',
  rename: 'Rename',
  'move-away': 'Move',
  'move-into': 'Move',
  restore: 'Restore',
};

/** What a person sees when something is wrong that nobody thought of. */
const VAGUE = ['-2146232832, Microsoft.SharePoint.SPException', 'Cannot complete this action.'] as const;
const FETCH_LIMIT = 1000;
const DAY_MS = 86_400_000;

export async function listChanges(call: RestCall): Promise<void> {
  const query = (await call.json()).query as Readonly<Record<string, unknown>> | undefined;
  if (typeof query !== 'object' || query === null) throw badQuery('The parameter query is missing.');
  const { largestFetch } = call.world.switches;
  const limit = Math.min(largestFetch, Number(query.FetchLimit ?? FETCH_LIMIT) || FETCH_LIMIT);
  const token = (query.ChangeTokenStart as { readonly StringValue?: unknown } | null | undefined)
    ?.StringValue;
  const { entries } = sinceToken(call, typeof token === 'string' ? token : oldestToken(call), limit);
  const wanted = entries.filter((entry) => isWanted(query, entry));
  const entities = wanted.map((entry) => changeEntity(call, entry));
  await call.reply(collectionAnswer(call.shape, entities, `${call.metadataUrl}#SP.ApiData.Changes`));
}

/** Changes after a token; a token that is too old or of another list is the service's error. */
export function sinceToken(
  call: RestCall,
  token: string,
  limit: number,
): { entries: ChangeEntry[]; more: boolean } {
  const { changeLogDays, expiredTokenStatus, vagueTokenError } = call.world.switches;
  try {
    return call.site.store.changes.since(token, limit, call.world.clock.now() - changeLogDays * DAY_MS);
  } catch (error) {
    if (!(error instanceof BadChangeToken)) throw error;
    if (vagueTokenError) throw new RestError(expiredTokenStatus, ...VAGUE);
    throw new RestError(expiredTokenStatus, '-2147024809, System.ArgumentException', error.message);
  }
}

/** A token from which the whole log, as far as it is kept, can be read. */
export function oldestToken(call: RestCall): string {
  return call.site.store.changes.beginning(call.world.clock.now());
}

function isWanted(query: Readonly<Record<string, unknown>>, entry: ChangeEntry): boolean {
  const isOfKind = query.Item === true || query[entry.isFolder ? 'Folder' : 'File'] === true;
  return isOfKind && query[FLAGS[entry.type]] === true;
}

function changeEntity(call: RestCall, entry: ChangeEntry): Entity {
  return {
    type: 'SP.ChangeItem',
    uri: `${call.apiUrl}SP.ChangeItem${entry.sequence}`,
    properties: {
      ChangeToken: { StringValue: call.site.store.changes.tokenAfter(entry) },
      ChangeType: NUMBERS[entry.type],
      SiteId: call.site.siteId,
      Time: timeText(entry.atMs),
      FileSystemObjectType: entry.isFolder ? 1 : 0,
      ItemId: entry.number,
      ListId: call.site.store.listId,
      ServerRelativeUrl: null,
      UniqueId: call.site.store.guids.guidOf(entry.number),
      WebId: call.site.webId,
    },
  };
}
