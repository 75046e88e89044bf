/**
 * Content in one request, or in chunks above the threshold. Nobody's work is overwritten: a new file is created by a
 * request that refuses to replace; an existing one is compared with its base just before, because nothing says that
 * the server honours `If-Match` (protocol notes 2.4), and some WebDAV servers don't (Go's, nginx's). A failed upload leaves what was there.
 */
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type Payload,
  type UploadOptions,
  type Version,
} from '../../drive/index.js';
import type { RequestBody } from '../http/transport.js';
import { addFile } from './add-file.js';
import { isTooLarge } from './chunk-failure.js';
import { isCheckedByServer } from './conditions.js';
import { makeEmptyFile, noEmptyFiles } from './make-empty-file.js';
import { putFile } from './put-file.js';
import type { Remote } from './remote.js';
import { isServiceFailure } from './server-ways.js';
import { soonAfter } from './soon-after.js';
import { statOrNull } from './stat.js';
import { uploadInChunks } from './upload-in-chunks.js';

/** Said to a question: the name, or the path, is more than this server can be asked about. */
const NOT_TO_BE_ASKED = new Set([400, 414, 422]);
/** WebDAV breaks near 2 GB (protocol notes 2.4). */
const LONGEST_PUT_BYTES = 2_000_000_000;

export async function upload(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem> {
  const hasChunks = remote.rest !== null && payload.size > 0;
  if (hasChunks && payload.size >= remote.limits.chunkThreshold) {
    return uploadLarge(remote, path, payload, options);
  }
  try {
    return await uploadAtOnce(remote, path, payload, options);
  } catch (error) {
    if (!hasChunks || !isTooLarge(error)) throw error;
    remote.log.info({ path, bytes: payload.size }, 'too large for one request: sending chunks');
    return uploadLarge(remote, path, payload, options);
  }
}

/** In chunks; where the server offers none, in one PUT, as far as that goes. */
async function uploadLarge(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem> {
  const inChunks = () =>
    whereServed(remote, path, options, () => uploadInChunks(remote, path, payload, options));
  const isFirstWay = remote.ways.mayTry('chunks');
  const sent = isFirstWay ? await inChunks() : null;
  if (sent !== null) return sent;
  if (payload.size < LONGEST_PUT_BYTES) {
    const item = await putUnlessTooLarge(remote, path, payload, options);
    if (item !== null) return item;
  }
  // Tenants change: what has no other way is tried by this one, whatever is remembered.
  const after = isFirstWay ? null : await inChunks();
  if (after !== null) return after;
  // A service that was seen at work may come back: that is tried for a while.
  const kind = remote.ways.isProven('chunks') ? 'protocol' : 'too-large';
  throw new DriveError(kind, `${path}: too large for one request, and the server takes no uploads in chunks`);
}

async function putUnlessTooLarge(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem | null> {
  try {
    const item = await putWhole(remote, path, payload, options);
    if (!remote.ways.isProven('chunks')) remote.ways.refused('chunks');
    return item;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    return null;
  }
}

/** Past REST's `AddUsingPath`, which takes less in one request than WebDAV does (protocol notes 3.2). */
async function putWhole(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem> {
  if (options.base !== 'absent') return uploadAtOnce(remote, path, payload, options);
  if (await isTaken(remote, path, options)) throw new DriveError('exists', `${path}: exists already`);
  return putFile(remote, path, payloadBody(payload, options), options);
}

async function uploadAtOnce(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem> {
  const body = payloadBody(payload, options);
  if (options.base === 'absent') return create(remote, path, body, options);
  const addsIt = payload.size === 0 && !remote.dialect.putsEmptyFiles;
  const known = options.base.version;
  const look = () => checkBase(remote, path, known, options);
  if (addsIt) {
    const emptied = await soonAfter(remote.clock, look, (_, onAttempt) =>
      whereServed(remote, path, options, () =>
        addFile(remote, path, body, { ...options, onAttempt, overwrite: true }),
      ),
    );
    if (emptied !== null) return emptied;
    if ((await statOrNull(remote, path, options)) !== null) throw noEmptyFiles(path);
    return makeEmptyFile(remote, path, options);
  }
  if (isCheckedByServer(remote, known)) return putFile(remote, path, body, options);
  return soonAfter(remote.clock, look, (_, onAttempt) =>
    putFile(remote, path, body, { ...options, onAttempt }),
  );
}

async function create(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: UploadOptions,
): Promise<DriveItem> {
  const added = await addUnlessRefused(remote, path, body, options);
  if (added !== null) return added;
  if (await isTaken(remote, path, options)) {
    throw new DriveError('exists', `${path}: exists already`);
  }
  const makesEmpty = body.size === 0 && !remote.dialect.putsEmptyFiles;
  const item = makesEmpty
    ? await makeEmptyFile(remote, path, options)
    : await putFile(remote, path, body, options);
  // A service that was seen at work, and fails once, is a service that failed once.
  if (remote.rest !== null && !remote.ways.isProven('add-file')) remote.ways.refused('add-file');
  return item;
}

/** A name that can't even be asked about is refused by the request itself, for what it is. */
async function isTaken(remote: Remote, path: DrivePath, options: UploadOptions): Promise<boolean> {
  try {
    return (await statOrNull(remote, path, options)) !== null;
  } catch (error) {
    if (error instanceof DriveError && NOT_TO_BE_ASKED.has(error.status ?? 0)) return false;
    throw error;
  }
}

/** Null where REST is not there for us. */
async function addUnlessRefused(
  remote: Remote,
  path: DrivePath,
  body: RequestBody,
  options: UploadOptions,
): Promise<DriveItem | null> {
  if (remote.rest === null || !remote.ways.mayTry('add-file')) return null;
  const added = await whereServed(remote, path, options, () =>
    addFile(remote, path, body, { ...options, overwrite: false }),
  );
  if (added !== null) remote.ways.works('add-file');
  return added;
}

/**
 * What REST was asked for; null where a tenant refuses it and allows WebDAV, whatever it says to that: only "not found"
 * may be about the folder, which WebDAV knows.
 */
async function whereServed(
  remote: Remote,
  path: DrivePath,
  options: UploadOptions,
  work: () => Promise<DriveItem | null>,
): Promise<DriveItem | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DriveError) || !isServiceFailure(error)) throw error;
    if (error.kind !== 'absent') return null;
    const folder = await statOrNull(remote, path.slice(0, path.lastIndexOf('/')) || '/', options);
    if (folder === null) throw error;
    return null;
  }
}

/** Throws `changed` unless the server still has that version. */
export async function checkBase(
  remote: Remote,
  path: DrivePath,
  base: Version,
  options: UploadOptions,
): Promise<void> {
  const present = await statOrNull(remote, path, options);
  if (present === null) throw new DriveError('changed', `${path}: not there any more`);
  if (present.version !== base) throw new DriveError('changed', `${path}: somebody changed it`);
}

function payloadBody(payload: Payload, { onProgress }: UploadOptions): RequestBody {
  return {
    size: payload.size,
    async *open() {
      let sent = 0;
      for await (const piece of payload.open({ offset: 0, length: payload.size })) {
        yield piece;
        sent += piece.length;
        onProgress?.(sent);
      }
    },
  };
}
