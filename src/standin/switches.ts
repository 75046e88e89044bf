/**
 * Every behaviour of the stand-in that may differ from server to server, from tenant to tenant, or that no source
 * confirms: its name, what it means, its default, and what the `hostile` profile sets. Rooms read a switch at the
 * moment it matters, so that a test may turn it at any time. Numbers: 0 means off unless said otherwise.
 */
import { THROTTLE_SWITCHES, TRANSPORT_SWITCHES } from './line-switches.js';
import { SIGN_IN_SWITCHES } from './sign-in/switches.js';
import { defineSwitches, type SwitchValues } from './switch-table.js';

const DAV_SWITCHES = defineSwitches({
  depthInfinity: {
    default: 'serve',
    values: ['serve', 'refuse'],
    doc: 'PROPFIND Depth: infinity: 207 or 403 (2.2)',
  },
  listFiles: {
    default: false,
    doc: 'PROPFIND Depth: 1 on a file is answered (2.2: it is 404); for clients that know no better',
  },
  hrefAmpersand: {
    default: 'plain',
    values: ['plain', 'encoded'],
    hostile: 'encoded',
    doc: '& in hrefs: only escaped for XML, or %26 (5.2.11)',
  },
  hrefs: { default: 'absolute', values: ['absolute', 'relative'], doc: 'form of D:href (2.2)' },
  folderSlash: {
    default: 'never',
    values: ['never', 'always', 'as-asked'],
    hostile: 'as-asked',
    doc: 'trailing slash of folder hrefs (2.2); as-asked repeats the request for the folder itself',
  },
  looseDates: { default: false, hostile: true, doc: 'getlastmodified with a day without leading zero (2.2)' },
  resourceTypeOnFiles: { default: false, doc: 'files carry an empty resourcetype (2.2: they do not)' },
  trueFalseCollections: {
    default: false,
    hostile: true,
    doc: 'iscollection as true/false instead of 1/0 (2.2)',
  },
  win32Properties: { default: false, doc: 'Win32* in allprop answers too, not only when named (2.2)' },
  quotaProperties: { default: false, doc: 'quota properties answered when named, else 404 (2.2)' },
  bigFolderThreshold: {
    default: 0,
    doc: 'children from which a PROPFIND fails as bigFolderAnswer says (2.2)',
  },
  bigFolderAnswer: {
    default: '500',
    values: ['500', '403', 'truncate'],
    doc: 'see bigFolderThreshold (2.2)',
  },
  ranges: { default: 'honour', values: ['honour', 'ignore'], doc: 'Range on WebDAV GET: 206 or 200 (2.3)' },
  ifRange: { default: true, doc: 'If-Range is looked at (2.3)' },
  emptyPut: {
    default: 'ignore',
    values: ['ignore', 'create'],
    doc: 'PUT of zero bytes: 200 and nothing done, or an empty file (2.4, 5.2.4)',
  },
  davMaxPutBytes: { default: 2_000_000_000, doc: 'larger WebDAV PUTs are 413 (2.4)' },
  chunkedPut: {
    default: 'refuse',
    values: ['refuse', 'accept'],
    doc: 'PUT without Content-Length: 411 or fine (2.4)',
  },
  honourIfMatch: { default: true, hostile: false, doc: 'If-Match and If with etags on WebDAV writes (2.4)' },
  lowerCaseEtags: { default: false, hostile: true, doc: 'GUIDs in ETags are in lower case (5.2.12)' },
  putOnFolderStatus: { default: 409, doc: '405 or 409 (2.4)' },
  folderExistsStatus: { default: 405, doc: 'MKCOL where something is: 405, 406, 409 or 423 (2.8)' },
  missingDeleteStatus: { default: 404, doc: '204 as SharePoint 2016 does (1k, 2.8)' },
  folderMoveTimeoutMs: { default: 0, doc: 'folder MOVE answers 504 and completes after this time (2.8)' },
  caseRename: {
    default: 'allow',
    values: ['allow', 'refuse'],
    hostile: 'refuse',
    doc: 'MOVE to the same name in other case: 201 or 412 (2.10)',
  },
  badNameStatus: { default: 400, doc: 'status of a forbidden name (2.10)' },
  msdavext: { default: false, doc: 'X-MSDAVEXT combined GET and PUT (2.3)' },
  executePages: { default: true, doc: '.aspx is executed, unless Translate: f is sent (2.3, 5.2.18)' },
  formsFolder: { default: false, doc: 'the library lists its hidden Forms folder (2.10)' },
  lockSeconds: { default: 3600, doc: 'the longest lock that is granted (2.6)' },
});

const CONTENT_SWITCHES = defineSwitches({
  rewriteAfterMs: {
    default: 1000,
    hostile: 40,
    doc: 'Office, PDF and HTML files grow this long after an upload, where rewriteSites says so (2.7)',
  },
  rewriteSites: {
    default: 'team',
    values: ['none', 'team', 'all'],
    hostile: 'all',
    doc: 'which sites rewrite files: mainly team sites do, personal ones where columns or labels apply (2.7)',
  },
  staleListedSize: {
    default: false,
    hostile: true,
    doc: 'listings keep the size of before the rewrite (2.7)',
  },
  shortServedName: {
    default: '',
    hostile: '.heic',
    doc: 'files whose name ends so are served shorter than listed (5.2.15)',
  },
  infectedName: {
    default: '',
    hostile: 'infected',
    doc: 'files whose name contains this refuse download (5.2.16)',
  },
  checkedOutName: {
    default: '',
    hostile: 'checked-out',
    doc: 'files whose name contains this refuse content writes (5.2.17)',
  },
  retainedName: {
    default: '',
    hostile: 'retained',
    doc: 'files whose name contains this refuse writes with 403 (5.2.17)',
  },
  metadataMakesVersion: { default: true, doc: 'metadata changes move N (2.2, 2.4)' },
  visibilityLagMs: {
    default: 0,
    hostile: 30,
    doc: 'created and moved items are absent to reads for this long (5.2.6)',
  },
  staleVersionMs: {
    default: 0,
    hostile: 30,
    doc: 'reads show the old ETag for this long after an update (5.2.6)',
  },
  omitFromListings: {
    default: 0,
    doc: 'this many of the next listings leave out their last entry (5.2.7); counts down',
  },
  quotaBytes: { default: 1_099_511_627_776, doc: 'size of the drive (3.6)' },
});

const REST_SWITCHES = defineSwitches({
  heedsRecursiveAll: {
    default: true,
    doc: 'list queries with Scope="RecursiveAll" go below the folder (3.4)',
  },
  restMaxBytes: { default: 262_144_000, doc: 'largest body of one REST request (3.2)' },
  restExistsStatus: { default: 400, doc: 'REST name collision: 400 or 409 (3.1, -2130575257)' },
  expiredListToken: {
    default: 'error',
    values: ['error', 'invalid-token'],
    doc: 'GetListItemChangesSinceToken with a lost token: an error, or ChangeType="InvalidToken" (3.4)',
  },
  quotaStatus: { default: 403, doc: 'REST write beyond the quota: 403 or 400 (T3.8)' },
  uploadOffsetStatus: { default: 409, doc: 'wrong offset of a chunk: 409 or 400 (3.3)' },
  valueRanges: { default: true, doc: 'Range on $value (3.2)' },
  driveAccessToken: { default: true, doc: 'RenderListDataAsStream hands out .driveAccessToken (3.7)' },
  v2Cookies: { default: false, doc: '_api/v2.x accepts cookies (3.7)' },
  rowVersions: {
    default: 'etag',
    values: ['etag', 'counter', 'other', 'missing'],
    doc: "what rows of the list tell of a file's version: ETag and counters, owshiddenversion alone, another number there, or nothing (3.4)",
  },
  rowGaps: {
    default: 'none',
    values: ['none', 'times', 'sizes', 'kinds', 'identities', 'references', 'places'],
    doc: "what rows of the list do not tell in a machine's way: times and sizes as the site writes them, or no kind, no UniqueId, no FileRef, or no place at all (3.4)",
  },
  rowGapsOf: { default: '', doc: 'only rows of items whose names begin so have the gaps' },
  upperCaseUniqueIds: {
    default: false,
    hostile: true,
    doc: 'REST tells UniqueId in upper case, too (5.2.12)',
  },
  numbersAsStrings: { default: true, hostile: true, doc: 'Length and Storage are strings (3.2, 5.2.14)' },
  siteDateOrder: {
    default: 'mdy',
    values: ['mdy', 'dmy', 'ymd'],
    doc: 'order of dates in form values (3.5)',
  },
  siteUtcOffsetMinutes: {
    default: -480,
    doc: 'time zone of the site, for form values without datesInUTC (3.5)',
  },
  roundFormDatesToMinutes: { default: false, doc: 'seconds of form dates are dropped (3.5)' },
  formUpdateMakesVersion: { default: false, doc: 'bNewDocumentUpdate moves N all the same (3.5)' },
  moveChange: {
    default: 'rename',
    values: ['rename', 'away-into'],
    hostile: 'away-into',
    doc: 'how the change log tells a move between folders (3.4)',
  },
  goneWithFolder: {
    default: 'delete',
    values: ['delete', 'as-changed'],
    hostile: 'as-changed',
    doc: 'what GetListItemChangesSinceToken calls what changed and then went with a folder above it (3.4)',
  },
  changeLogDays: { default: 60, doc: 'older tokens are an error (3.4)' },
  expiredTokenStatus: { default: 400, doc: 'status for a change token that is too old (3.4)' },
  vagueTokenError: { default: false, doc: 'what is said then could be said of anything' },
  shortcutForm: {
    default: 'file',
    values: ['file', 'folder'],
    doc: 'what "Add shortcut to OneDrive" makes in a library: a small file, or a folder that the server resolves',
  },
  largestFetch: {
    default: 2000,
    doc: 'GetChanges tells of so many changes at once, however many are asked for',
  },
  refusedServices: {
    default: '',
    doc: 'REST services that this tenant refuses with 403, by the last name of their path: GetChanges,$batch,usage (3.8)',
  },
  batchDigest: {
    default: 'outer',
    values: ['outer', 'each'],
    doc: 'whose digest the writes of a batch need: the outer request has it, or each part has its own (3.6)',
  },
  refusedServiceStatus: { default: 403, doc: 'how it refuses them' },
  collectionPaging: {
    default: 'heed',
    values: ['heed', 'ignore-skip', 'omit-last'],
    doc: '$skip and $top on Files and Folders are heeded; all is told again; or the last one is never told (2.2)',
  },
  rowConditions: {
    default: 'heed',
    values: ['heed', 'ignore'],
    doc: 'the conditions of a RenderListDataAsStream query are heeded, or all rows are told (5.1)',
  },
  largestRowPage: { default: 5000, doc: 'most rows of one page, however many are asked for' },
  listViewThreshold: { default: 5000, doc: 'most rows of one RenderListDataAsStream page (5.1)' },
});

export const SWITCHES = {
  ...DAV_SWITCHES,
  ...CONTENT_SWITCHES,
  ...REST_SWITCHES,
  ...THROTTLE_SWITCHES,
  ...TRANSPORT_SWITCHES,
  ...SIGN_IN_SWITCHES,
};

export type Switches = SwitchValues<typeof SWITCHES>;
export type SwitchName = keyof Switches;
export type SwitchProfile = 'default' | 'hostile';

/** A fresh set of values. */
export function createSwitches(
  profile: SwitchProfile = 'default',
  changes: Partial<Switches> = {},
): Switches {
  const entries = Object.entries(SWITCHES).map(([name, definition]) => [
    name,
    profile === 'hostile' && 'hostile' in definition ? definition.hostile : definition.default,
  ]);
  const switches = Object.fromEntries(entries) as Switches;
  setSwitches(switches, changes);
  return switches;
}

/** Turns switches; an unknown name or a value that the switch does not take is an error naming it. */
export function setSwitches(switches: Switches, changes: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(changes)) {
    const definition = SWITCHES[name as SwitchName] as
      | { readonly default: unknown; readonly values?: readonly unknown[] }
      | undefined;
    if (definition === undefined) throw new Error(`no switch is called ${name}`);
    const fits = typeof value === typeof definition.default && (definition.values?.includes(value) ?? true);
    if (!fits) throw new Error(`switch ${name} cannot be ${JSON.stringify(value)}`);
    Object.assign(switches, { [name]: value });
  }
}
