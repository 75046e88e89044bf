/**
 * The one table from a server's answer to a `DriveErrorKind`. First what SharePoint says in words of its own (protocol
 * notes 3.1), then the status as the verb means it (protocol notes 2.8).
 */
import { DriveError, type DriveErrorKind } from '../../drive/index.js';
import { parseRestError, type RestError } from './rest-error.js';
import { pauseAskedFor } from './retry-after.js';

/** What was being done. */
export type Verb =
  | 'stat'
  | 'list'
  | 'read'
  | 'create'
  | 'replace'
  | 'makeDirectory'
  | 'move'
  | 'remove'
  | 'setModified'
  | 'quota'
  | 'tree';

export interface Refusal {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, as far as it was read. */
  readonly text: string;
}

export function driveErrorOf(refusal: Refusal, verb: Verb, subject: string): DriveError {
  const said = parseRestError(refusal.text);
  const kind = kindOfCode(said) ?? (isOutOfRoom(refusal, said) ? 'full' : kindOfStatus(refusal, verb));
  const pauseMs = pauseAskedFor(refusal.headers, Date.now());
  return new DriveError(kind, `${subject}: ${reason(refusal, said, kind)}`, {
    status: refusal.status,
    ...(pauseMs === null ? {} : { retryAfterMs: pauseMs }),
  });
}

/** True when the server refused because a folder has too many children for one query (protocol notes 2.2). */
export function isThreshold(refusal: Refusal): boolean {
  const said = parseRestError(refusal.text);
  return said?.number === -2_147_024_860 || /SPQueryThrottled|list view threshold/i.test(refusal.text);
}

const BY_NUMBER = new Map<number, DriveErrorKind>([
  [-2_147_024_894, 'absent'],
  [-2_147_024_893, 'absent'],
  [-2_130_575_338, 'absent'],
  [-2_147_024_891, 'denied'],
  [-2_130_575_305, 'changed'],
  [-2_130_575_257, 'exists'],
  [-2_147_024_816, 'exists'],
  [-2_147_018_884, 'locked'],
  [-2_147_018_894, 'locked'],
  [-2_147_018_887, 'locked'],
  [-2_130_575_245, 'bad-name'],
  [-2_147_024_773, 'bad-name'],
  [-2_147_024_690, 'bad-name'],
  [-2_147_024_784, 'full'],
]);

const BY_CODE: readonly (readonly [RegExp, DriveErrorKind])[] = [
  [/pathIsTooLong|PathTooLong|invalidName|malformedName/i, 'bad-name'],
  [/quotaLimitReached|insufficientStorage|SPQuota|exceeded(Site)?Quota/i, 'full'],
  [/nameAlreadyExists/i, 'exists'],
  [/itemNotFound|FileNotFound|DirectoryNotFound/i, 'absent'],
  [/resourceModified/i, 'changed'],
  [/resourceLocked|SPFileLock|SPFileCheckOut/i, 'locked'],
  [/accessDenied|UnauthorizedAccess/i, 'denied'],
];

function kindOfCode(said: RestError | null): DriveErrorKind | null {
  if (said === null) return null;
  // "request message is too big" is known by its number of bytes; the code alone says "invalid query"
  if (/InvalidClientQuery/i.test(said.code) && /too big|2\d{8} bytes/i.test(said.message)) return 'too-large';
  const known = said.number === null ? undefined : BY_NUMBER.get(said.number);
  if (known !== undefined) return known;
  return BY_CODE.find(([pattern]) => pattern.test(said.code))?.[1] ?? null;
}

/** No source names the code of a drive that is full (protocol notes T3.8): where nothing else is said, the text tells. */
function isOutOfRoom({ status, text }: Refusal, said: RestError | null): boolean {
  return VAGUE.has(status) && FULL.test(said?.message ?? text);
}

const VAGUE = new Set([400, 403, 409, 500]);
const FULL = /exceed\w* [\w' ]*(quota|storage)|quota [\w ]*exceeded|out of disk space/i;

function kindOfStatus({ status, headers }: Refusal, verb: Verb): DriveErrorKind {
  if (headers['x-virus-infected'] !== undefined) return 'denied';
  switch (status) {
    case 400:
    case 414:
    case 422:
      return isNaming(verb) ? 'bad-name' : 'protocol';
    case 401:
      return 'signed-out';
    case 403:
    case 451:
      return 'denied';
    case 404:
    case 410:
      return 'absent';
    case 405:
      return isNaming(verb) ? 'exists' : 'denied';
    case 409:
      return verb === 'remove' ? 'not-empty' : 'absent';
    case 412:
      return verb === 'create' || verb === 'move' ? 'exists' : 'changed';
    case 413:
      return 'too-large';
    case 423:
    case 424:
      return 'locked';
    case 429:
    case 503:
      return 'throttled';
    case 507:
      return 'full';
    default:
      return status >= 500 ? 'unreachable' : 'protocol';
  }
}

/** The verb gives something a name, so that a plain refusal is about the name or what stands there. */
function isNaming(verb: Verb): boolean {
  return verb === 'create' || verb === 'replace' || verb === 'makeDirectory' || verb === 'move';
}

const LONGEST_REASON = 200;

/** For servers that say no more than the status: what a person can do something about. */
const WORDS: Readonly<Record<number, string>> = {
  403: 'not permitted there',
  413: 'larger than this server takes',
  423: 'locked by somebody',
  507: 'no room left there',
};

function reason({ status, headers }: Refusal, said: RestError | null, kind: DriveErrorKind): string {
  const words = kind === 'bad-name' ? 'no name, or too long a path, for this server' : WORDS[status];
  const plain = words === undefined ? `HTTP status ${status}` : `${words} (HTTP status ${status})`;
  const told = said?.message || davErrorText(headers['x-msdavext_error']) || plain;
  return told.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON);
}

/** `917656; Access+denied.+Before...`: for display only (protocol notes 2.9). */
function davErrorText(header: string | undefined): string {
  const text = header?.split(';').slice(1).join(';').trim().replaceAll('+', ' ') ?? '';
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
