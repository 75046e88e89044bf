/**
 * MOVE, and how it and COPY are sent. A failure that leaves open whether the server acted is never repeated blindly: both
 * ends are looked at first (protocol notes 2.8). A rename that changes only the case goes over a name in between where
 * the server takes old and new for the same (protocol notes 2.10).
 */
import { randomUUID } from 'node:crypto';
import {
  type CopyOptions,
  DriveError,
  type DriveItem,
  type DrivePath,
  type FoundMovedOptions,
  type MoveOptions,
} from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpRequest, HttpResponse } from '../http/transport.js';
import { LastAttempt } from './last-attempt.js';
import { metadataRequest, type Remote, refused } from './remote.js';
import { stat, statAfterWrite, statOrNull } from './stat.js';

/** How long a move that the gateway gave up on may go on at the server. */
const SLOW_MOVE_MS = 120_000;
const LOOK_EVERY_MS = 2_000;
/** What a gateway says that waits no longer for the server behind it. */
const GAVE_UP: ReadonlySet<number> = new Set([502, 504]);
/** A connection that is cut sooner has not kept the server at work for long. */
const LONG_MS = 10_000;
/** A MOVE of a large folder takes the server long. */
const MOVE_SILENCE_MS = 120_000;

export async function move(
  remote: Remote,
  from: DrivePath,
  to: DrivePath,
  options: MoveOptions,
): Promise<DriveItem> {
  if (from === to) return stat(remote, to, options);
  const isCaseOnly = remote.dialect.capabilities.caseInsensitive && from.toLowerCase() === to.toLowerCase();
  if (options.version !== undefined) await checkSource(remote, from, options);
  if (isCaseOnly) return moveCaseOnly(remote, from, to, options);
  await relocate(remote, 'MOVE', { from, to }, options);
  const moved = await statAfterWrite(remote, to, options, (item) => mayBeMoved(remote, item, options));
  return stillItself(remote, { from, to }, moved);
}

/** A front end that lags behind shows what the item has replaced, or what was removed from there just before. */
function mayBeMoved({ dialect }: Remote, { id }: DriveItem, { item }: MoveOptions): boolean {
  return item === undefined || id === item || !dialect.capabilities.stableIds;
}

/** A file may be another one at its new place; a folder is known to be itself, for the sake of what is in it. */
function stillItself({ moved, dialect }: Remote, { from, to }: Ends, item: DriveItem): DriveItem {
  if (moved === null || item.kind === 'file') return item;
  moved.moved(from, to);
  return { ...item, id: dialect.identify(to, { etag: '', replUid: '' }) };
}

/** Nothing is at the one end, and what was there may be what is at the other: of a file, in the version that it had. */
export async function foundMoved(
  remote: Remote,
  { from, to }: Ends,
  options: FoundMovedOptions,
): Promise<DriveItem | null> {
  if (remote.moved === null || (await statOrNull(remote, from, options)) !== null) return null;
  const item = await statOrNull(remote, to, options);
  if (item?.kind !== options.kind || (item.kind === 'file' && item.version !== options.version)) return null;
  return stillItself(remote, { from, to }, item);
}

export interface Ends {
  readonly from: DrivePath;
  readonly to: DrivePath;
}

/** Sends it, and looks what became of a MOVE that was not answered. */
export async function relocate(
  remote: Remote,
  method: 'MOVE' | 'COPY',
  { from, to }: Ends,
  options: MoveOptions,
): Promise<void> {
  const request = relocation(remote, method, { from, to }, options);
  const last = new LastAttempt(remote.clock);
  const patient = {
    ...request,
    onAttempt: last.onAttempt,
    onAnswer: last.onAnswer,
    silenceMs: MOVE_SILENCE_MS,
    patienceMs: Math.max(request.patienceMs, MOVE_SILENCE_MS),
  };
  let failure: Error;
  try {
    const response = await answerTo(remote, patient, { from, to }, options);
    if (response.status === 201 || response.status === 204 || response.status === 200)
      return discard(response);
    failure = await refused(response, 'move', `${from} to ${to}`);
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
    failure = error;
  }
  if (method === 'COPY' || !(failure instanceof DriveError) || !isDoubtful(failure, last)) throw failure;
  const isGivenUp = GAVE_UP.has(failure.status ?? 0) || last.tookMs >= LONG_MS;
  const mayGoOn = options.lane === 'bulk' && isGivenUp;
  await lookAtBothEnds(
    remote,
    { from, to },
    { ...options, patienceMs: mayGoOn ? SLOW_MOVE_MS : LOOK_EVERY_MS * 2 },
    failure,
  );
}

function relocation(
  { locations }: Remote,
  method: 'MOVE' | 'COPY',
  { from, to }: Ends,
  options: MoveOptions,
): HttpRequest {
  return metadataRequest(method, locations.fileUrl(from), options, {
    headers: {
      destination: locations.fileUrl(to).href,
      overwrite: options.overwrite ? 'T' : 'F',
      ...(method === 'COPY' ? { depth: 'infinity' } : {}),
    },
    repeat: 'unsent',
  });
}

async function answerTo(
  remote: Remote,
  request: HttpRequest,
  { from, to }: Ends,
  options: MoveOptions,
): Promise<HttpResponse> {
  const response = await remote.dav.send(request, options.signal);
  if (!(await wantsSlash(remote, from, response, options))) return response;
  discard(response);
  const [url, destination] = [remote.locations.folderUrl(from), remote.locations.folderUrl(to).href];
  return remote.dav.send({ ...request, url, headers: { ...request.headers, destination } }, options.signal);
}

/** Some take a folder only by its name with a slash behind it (nginx, which answers 400). */
async function wantsSlash(
  remote: Remote,
  from: DrivePath,
  { status }: HttpResponse,
  options: MoveOptions,
): Promise<boolean> {
  if (status !== 400 || remote.rest !== null) return false;
  return (await statOrNull(remote, from, options))?.kind === 'folder';
}

/** Waits until the source is gone and the target is there, or nothing moves any more. */
async function lookAtBothEnds(
  remote: Remote,
  { from, to }: Ends,
  options: MoveOptions & { readonly patienceMs: number },
  failure: DriveError,
): Promise<void> {
  // mod_dav answers 500 when there is no such folder
  if ((await statOrNull(remote, parentOf(to), options)) === null) {
    throw new DriveError('absent', `${to}: there is no such folder`);
  }
  const untilMs = remote.clock.monotonic() + options.patienceMs;
  for (;;) {
    const [source, target] = [await statOrNull(remote, from, options), await statOrNull(remote, to, options)];
    if (source === null && target !== null) return;
    if (source === null || remote.clock.monotonic() > untilMs) throw failure;
    await remote.clock.sleep(LOOK_EVERY_MS, options.signal);
  }
}

function parentOf(path: DrivePath): DrivePath {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isDoubtful({ kind, status }: DriveError, last: LastAttempt): boolean {
  return kind === 'unreachable' && (status === undefined ? last.isOpen : status >= 500);
}

/** Throws `changed` when something else than `options.version` is there. */
export async function checkSource(remote: Remote, from: DrivePath, options: CopyOptions): Promise<void> {
  const present = await statOrNull(remote, from, options);
  if (present === null) throw new DriveError('absent', `${from}: not there`);
  if (present.version !== options.version) throw new DriveError('changed', `${from}: somebody changed it`);
}

/** Directly where the server can; else in two steps, and back if the second fails. */
async function moveCaseOnly(
  remote: Remote,
  from: DrivePath,
  to: DrivePath,
  options: MoveOptions,
): Promise<DriveItem> {
  try {
    // never with Overwrite: a server that removes the target first would remove the source
    await relocate(remote, 'MOVE', { from, to }, { ...options, overwrite: false });
  } catch (error) {
    if (!(error instanceof DriveError) || !DIRECT_REFUSALS.has(error.kind)) throw error;
    await moveInTwoSteps(remote, { from, to }, options);
  }
  return statAfterWrite(remote, to, options);
}

const DIRECT_REFUSALS = new Set(['denied', 'exists', 'changed', 'protocol', 'absent', 'bad-name']);

async function moveInTwoSteps(remote: Remote, { from, to }: Ends, options: MoveOptions): Promise<void> {
  const between = `${to.slice(0, to.lastIndexOf('/'))}/.odbfs-${randomUUID().slice(0, 13)}.rename`;
  await relocate(remote, 'MOVE', { from, to: between }, { ...options, overwrite: false });
  try {
    await relocate(remote, 'MOVE', { from: between, to }, { ...options, overwrite: false });
  } catch (error) {
    await relocate(remote, 'MOVE', { from: between, to: from }, { ...options, overwrite: false });
    throw error;
  }
}
