/**
 * Content by ranges: each answer is checked for the range and the version that it claims (protocol notes 2.3), a
 * server that ignores ranges is survived, and a stream that breaks goes on where it was, with the same version.
 */
import {
  type ContentStream,
  DriveError,
  type DrivePath,
  type ReadOptions,
  type Version,
} from '../../drive/index.js';
import { discard } from '../http/body.js';
import type { HttpResponse } from '../http/transport.js';
import { WireFailure } from '../http/wire-failure.js';
import { contentRange } from '../wire/content-range.js';
import { etagIn } from '../wire/etag.js';
import { headerVersion } from '../wire/header-version.js';
import { contentRequest, type Remote, refused } from './remote.js';
import { stat } from './stat.js';

/** Broken streams in a row, without a byte in between, before the reader hears of it. */
const BREAKS_IN_ROW = 5;
/** The same, where the stream did not break but fell silent, which is a long wait each time (semantics: Time bounds). */
const SILENCES_IN_ROW = 1;
const FIRST_BREAK_DELAY_MS = 200;
/** What is read whole is small: it must not wait for big transfers to leave it a slot. */
const WHOLE_BYTES = 0;

export async function read(remote: Remote, path: DrivePath, options: ReadOptions): Promise<ContentStream> {
  const wanted: Wanted = {
    offset: options.range?.offset ?? 0,
    length: options.range?.length ?? null,
    version: options.version ?? null,
  };
  const open = () => openPart(remote, path, options, wanted);
  const part = await remote.recent.current(path, options.signal, open, {
    wanted: options.version,
    drop: ({ cancel }) => cancel(),
  });
  const { version, totalSize, offset } = part;
  return { version, totalSize, offset, body: closable(resuming(remote, path, options, part), part) };
}

/** A generator that never began has nothing to clean up by itself: leaving closes the answer all the same. */
function closable(pieces: AsyncGenerator<Uint8Array>, first: Part): AsyncIterable<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => pieces.next(),
    async return() {
      await pieces.return(undefined);
      first.cancel();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

interface Wanted {
  readonly offset: number;
  /** Null: to the end. */
  readonly length: number | null;
  /** Null: whichever is there. */
  readonly version: Version | null;
}

interface Part {
  readonly version: Version;
  readonly totalSize: number | null;
  readonly offset: number;
  /** Null: to the end, wherever that is. */
  readonly length: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** `bytes` ends by itself where the part does, so that the connection can be kept. */
  readonly isExact: boolean;
  readonly cancel: () => void;
}

async function openPart(
  remote: Remote,
  path: DrivePath,
  options: ReadOptions,
  wanted: Wanted,
): Promise<Part> {
  const response = await ask(remote, path, options, wanted);
  if (response.status === 416) return nothingThere(remote, path, options, wanted, response);
  if (response.status !== 200 && response.status !== 206) throw await refused(response, 'read', path);
  try {
    const version = await versionOfAnswer(remote, path, options, { response, wanted });
    checkVersion(path, wanted, version);
    return response.status === 206
      ? rangePart(path, response, wanted, version)
      : wholePart(response, wanted, version);
  } catch (error) {
    discard(response);
    throw error;
  }
}

function ask(
  remote: Remote,
  path: DrivePath,
  options: ReadOptions,
  { offset, length }: Wanted,
): Promise<HttpResponse> {
  const isWhole = offset === 0 && length === null;
  const last = length === null ? '' : String(offset + Math.max(length, 1) - 1);
  const request = contentRequest('GET', remote.locations.fileUrl(path), options, {
    headers: isWhole ? {} : { range: `bytes=${offset}-${last}` },
    bytes: length ?? WHOLE_BYTES,
  });
  return remote.dav.send({ ...request, html: remote.dialect.htmlOfFiles }, options.signal);
}

/**
 * A file without an ETag in its answer is asked about; the ETag of a listing is the same one. Where a version is more than
 * that, the answer has only what tells that it is another one.
 */
async function versionOfAnswer(
  remote: Remote,
  path: DrivePath,
  options: ReadOptions,
  { response, wanted }: { readonly response: HttpResponse; readonly wanted: Wanted },
): Promise<Version> {
  return toldVersion(remote, response, wanted) ?? (await stat(remote, path, options)).version;
}

function toldVersion({ dialect }: Remote, { headers }: HttpResponse, { version }: Wanted): Version | null {
  const told = headerVersion(headers);
  if (told === null || dialect.trustsEtags) return told;
  // A listing may tell no ETags where answers have one (nginx): the two can't be compared.
  const known = version === null ? null : etagIn(version);
  if (known === null) return null;
  return known === told ? version : told;
}

function checkVersion(path: DrivePath, wanted: Wanted, version: Version): void {
  if (wanted.version === null || wanted.version === version) return;
  throw new DriveError('changed', `${path}: another version is there now`);
}

function rangePart(path: DrivePath, response: HttpResponse, wanted: Wanted, version: Version): Part {
  const range = contentRange(response.headers['content-range']);
  const isLonger =
    wanted.length !== null && range !== null && range.end > wanted.offset + Math.max(wanted.length, 1);
  if (range === null || range.start !== wanted.offset || isLonger) {
    throw new DriveError('protocol', `${path}: the server sent another range than asked`);
  }
  const served = range.end - range.start;
  const length = Math.min(served, wanted.length ?? served);
  const cancel = () => response.body.cancel();
  const isExact = length === served;
  return {
    version,
    totalSize: range.total,
    offset: range.start,
    length,
    bytes: response.body,
    isExact,
    cancel,
  };
}

/** The whole content, asked for or not: what lies outside of the range is read past. */
function wholePart(response: HttpResponse, wanted: Wanted, version: Version): Part {
  const told = response.headers['content-length'];
  const totalSize =
    told === undefined || response.headers['content-encoding'] !== undefined ? null : Number(told);
  const offset = totalSize === null ? wanted.offset : Math.min(wanted.offset, totalSize);
  const left = totalSize === null ? null : totalSize - offset;
  const length = wanted.length === null ? left : Math.min(wanted.length, left ?? wanted.length);
  const cancel = () => response.body.cancel();
  const isExact = length === left;
  return { version, totalSize, offset, length, bytes: skipping(response, offset), isExact, cancel };
}

async function* skipping(response: HttpResponse, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of response.body) {
    if (left < piece.length) yield left === 0 ? piece : piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

/** The range begins at or behind the end. */
async function nothingThere(
  remote: Remote,
  path: DrivePath,
  options: ReadOptions,
  wanted: Wanted,
  response: HttpResponse,
): Promise<Part> {
  discard(response);
  const told = toldVersion(remote, response, wanted);
  const item = told === null ? await stat(remote, path, options) : null;
  const version = told ?? item!.version;
  checkVersion(path, wanted, version);
  const total = contentRange(response.headers['content-range'])?.total ?? item?.size ?? null;
  const offset = total ?? wanted.offset;
  return { version, totalSize: total, offset, length: 0, bytes: nothing(), isExact: true, cancel: () => {} };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The bytes of `first` and, after a break, of the parts that follow it; exactly the promised length. */
async function* resuming(
  remote: Remote,
  path: DrivePath,
  options: ReadOptions,
  first: Part,
): AsyncGenerator<Uint8Array> {
  let position = first.offset;
  let breaks = 0;
  let part = first;
  const end = first.length === null ? null : first.offset + first.length;
  if (end === position) return part.cancel();
  for (;;) {
    try {
      for await (const piece of part.bytes) {
        const fitting = end === null ? piece : piece.subarray(0, end - position);
        position += fitting.length;
        breaks = 0;
        if (fitting.length > 0) yield fitting;
        if (position === end && !part.isExact) return;
      }
      if (end === null || position === end) return;
      throw new DriveError('unreachable', `${path}: the stream ended early`);
    } catch (error) {
      breaks += 1;
      if (!isBreak(error) || options.signal.aborted || breaks > mostBreaks(error)) throw error;
    }
    remote.log.debug({ path, position, breaks }, 'the stream broke: going on');
    await remote.clock.sleep(FIRST_BREAK_DELAY_MS * 2 ** (breaks - 1), options.signal);
    const length = end === null ? null : end - position;
    part = await openPart(remote, path, options, { offset: position, length, version: first.version });
  }
}

function isBreak(error: unknown): error is DriveError {
  return error instanceof DriveError && error.kind === 'unreachable';
}

function mostBreaks({ cause }: DriveError): number {
  return cause instanceof WireFailure && cause.isSilence ? SILENCES_IN_ROW : BREAKS_IN_ROW;
}
