/** ValidateUpdateListItem (protocol notes 3.5): 200 even when a field fails, each with its own verdict. */

import { Refusal } from '../refusal.js';
import { type Item, pathOf } from '../store/item.js';
import type { Times } from '../store/new-item.js';
import { parseFormDate, type SiteDates } from './form-dates.js';
import type { Segment } from './odata-path.js';
import { itemAt, type Placed } from './resource.js';
import type { RestCall } from './rest-call.js';
import { badQuery } from './rest-error.js';
import { valuesAnswer } from './shapes.js';

interface FormValue {
  readonly FieldName: string;
  readonly FieldValue: string;
}

/** What the fields together want: times, a name. */
interface Wanted {
  times: { createdMs?: number; modifiedMs?: number };
  name: string | null;
}

const BAD_DATE = 'You must specify a valid date within the range of 1/1/1900 and 12/31/8900.';
const NO_FIELD = 'The property or field has not been found.';
const IGNORED_FIELDS: ReadonlySet<string> = new Set(['title', 'editor', 'author', '_extendeddescription']);

export async function validateUpdate(call: RestCall, at: Placed, segment: Segment): Promise<void> {
  const item = itemAt(call, at);
  const body = await call.json();
  const values = formValues(body.formValues);
  call.library.checkWritable(item, {});
  const dates = siteDates(call, body.datesInUTC === true);
  const wanted: Wanted = { times: {}, name: null };
  const verdicts = values.map((value) => ({ value, fault: take(wanted, value, dates) }));
  if (verdicts.some(({ fault }) => fault === null))
    apply(call, item, wanted, body.bNewDocumentUpdate === true);
  const results = verdicts.map(({ value, fault }) => ({
    ErrorCode: fault === null ? 0 : -2130575155,
    ErrorMessage: fault,
    FieldName: value.FieldName,
    FieldValue: value.FieldValue,
    HasException: fault !== null,
    ItemId: item.number,
  }));
  await call.reply(valuesAnswer(call.shape, segment.name, results));
}

export function siteDates(call: RestCall, inUtc: boolean): SiteDates {
  const { siteDateOrder, siteUtcOffsetMinutes, roundFormDatesToMinutes } = call.world.switches;
  return {
    order: siteDateOrder,
    offsetMinutes: inUtc ? 0 : siteUtcOffsetMinutes,
    roundsToMinutes: roundFormDatesToMinutes,
  };
}

/** Notes what a field wants; says why it cannot be, or null. */
function take(wanted: Wanted, value: FormValue, dates: SiteDates): string | null {
  const field = value.FieldName.toLowerCase();
  if (field === 'modified' || field === 'created') {
    const atMs = parseFormDate(value.FieldValue, dates);
    if (atMs === null) return BAD_DATE;
    wanted.times[field === 'modified' ? 'modifiedMs' : 'createdMs'] = atMs;
    return null;
  }
  if (field === 'fileleafref') {
    wanted.name = value.FieldValue;
    return null;
  }
  return IGNORED_FIELDS.has(field) ? null : NO_FIELD;
}

function apply(call: RestCall, item: Item, wanted: Wanted, isAfterUpload: boolean): void {
  if (wanted.name !== null && wanted.name !== item.name) rename(call, item, wanted.name);
  const { metadataMakesVersion, formUpdateMakesVersion } = call.world.switches;
  const makesVersion = isAfterUpload ? formUpdateMakesVersion : metadataMakesVersion;
  // A change of metadata without times of its own is a modification now, unless it ends an upload.
  const times: Times =
    wanted.times.modifiedMs === undefined && !isAfterUpload
      ? { ...wanted.times, modifiedMs: call.world.clock.now() }
      : wanted.times;
  call.library.setTimes(item, times, makesVersion);
}

function rename(call: RestCall, item: Item, name: string): void {
  if (name.includes('/'))
    throw new Refusal('bad-name', 'The name contains characters that are not permitted.');
  const parent = item.parent;
  if (parent === null) throw new Refusal('is-folder', 'The library itself cannot be renamed.');
  call.library.move(item, [...pathOf(parent), name], { overwrite: false });
}

function formValues(value: unknown): FormValue[] {
  const list = Array.isArray(value) ? value : (value as { readonly results?: unknown } | undefined)?.results;
  const isFine = (one: unknown): one is FormValue => {
    const { FieldName, FieldValue } = (one ?? {}) as Partial<FormValue>;
    return typeof FieldName === 'string' && typeof FieldValue === 'string';
  };
  if (!Array.isArray(list) || !list.every(isFine)) throw badQuery('The parameter formValues is not valid.');
  return list;
}
