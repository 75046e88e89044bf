/**
 * Big content in chunks that survive broken connections and restarts. The content appears in one step at the end: an
 * existing file keeps its old content until then; a new one grows under a name of its own beside its place and is
 * renamed when it is whole, so that nobody ever sees half a file (protocol notes 3.3).
 */
import { randomUUID } from 'node:crypto';
import type { ByteRange } from '../../base/index.js';
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type Payload,
  partialName,
  type RequestOptions,
  type UploadOptions,
  type UploadSession,
  type Version,
} from '../../drive/index.js';
import { bytesBody } from '../http/body.js';
import type { RequestBody } from '../http/transport.js';
import { addFile } from './add-file.js';
import { isNoService, isPassing, isTooLarge, mayBeLate } from './chunk-failure.js';
import { type Chunk, ChunkSession } from './chunk-session.js';
import { ChunkSizes } from './chunk-sizes.js';
import { move } from './move.js';
import type { Remote } from './remote.js';
import { remove } from './remove.js';
import { soonAfter } from './soon-after.js';
import { statAfterWrite, statOrNull } from './stat.js';
import { type OpenUpload, readSession, writtenSession } from './upload-session.js';

/** Failed chunks in a row before the caller hears of it: each of them was asked about and sent again. */
const FAILURES_IN_ROW = 5;
/** How often an upload begins anew because the server forgot it. */
const FRESH_STARTS = 2;
/** So often in a row the start is refused where it might be a front end that does not see the file yet. */
const REFUSED_STARTS = 3;
const FIRST_DELAY_MS = 500;
/** What a new file replaces. */
const NOTHING: Version = '';

/** Null when the server offers no such service; nothing of the attempt is left there then. */
export async function uploadInChunks(
  remote: Remote,
  path: DrivePath,
  payload: Payload,
  options: UploadOptions,
): Promise<DriveItem | null> {
  const upload = new ChunkedUpload(remote, path, payload, options);
  return upload.run();
}

/** Takes away what an upload that nobody goes on with has left: its chunks, and what grew beside its place. */
export async function abandonChunks(
  remote: Remote,
  session: UploadSession,
  options: RequestOptions,
): Promise<void> {
  const open = readSession(session);
  const target = open?.partial ?? open?.path ?? null;
  if (open === null || target === null || remote.rest === null) return;
  const file = remote.locations.serverPath(target);
  await new ChunkSession(remote.rest, file, open.uploadId).cancel(options);
  if (open.partial !== null) await remove(remote, open.partial, { ...options, kind: 'file' });
}

class ChunkedUpload {
  readonly #remote: Remote;
  readonly #path: DrivePath;
  readonly #payload: Payload;
  readonly #options: UploadOptions;
  readonly #sizes: ChunkSizes;
  #refusedStarts = 0;

  constructor(remote: Remote, path: DrivePath, payload: Payload, options: UploadOptions) {
    this.#remote = remote;
    this.#path = path;
    this.#payload = payload;
    this.#options = options;
    this.#sizes = new ChunkSizes(remote.limits.chunkBytes, remote.clock, remote.limits.chunkLimit);
  }

  async run(): Promise<DriveItem | null> {
    let open = await this.#resumed();
    for (let starts = 0; ; starts++) {
      open ??= await this.#begin();
      if (open === null) return null;
      const end = await this.#sendAllOf(open);
      if (end === 'finished') return this.#settle(open);
      if (end === 'unserved') {
        await this.#abandon(open);
        return null;
      }
      if (starts >= FRESH_STARTS)
        throw new DriveError('unreachable', `${this.#path}: the server forgets the upload`);
      this.#remote.log.info({ path: this.#path }, 'the server forgot the upload: starting over');
      await this.#abandon(open);
      open = null;
    }
  }

  /** The session of an earlier attempt, where the server still has it and nobody changed what it replaces. */
  async #resumed(): Promise<OpenUpload | null> {
    const session = readSession(this.#options.resume);
    if (session === null) return null;
    const offset = await this.#sessionOf(session).offset(this.#options);
    if (offset !== null && offset <= this.#payload.size) return { ...session, offset };
    await this.#abandon(session);
    return null;
  }

  /** Null where the server makes no file for it to grow in. */
  async #begin(): Promise<OpenUpload | null> {
    const { base } = this.#options;
    const present = await statOrNull(this.#remote, this.#path, this.#options);
    if (base === 'absent' && present !== null)
      throw new DriveError('exists', `${this.#path}: exists already`);
    if (typeof base === 'object' && present?.version !== base.version) throw changed(this.#path);
    const uploadId = randomUUID();
    const path = this.#path;
    if (present !== null) return { uploadId, path, partial: null, baseline: present.version, offset: 0 };
    const partial = partialPath(this.#path, uploadId);
    // Before anything of it is there, so that nothing is left behind whenever this process ends.
    const open = { uploadId, path, partial, baseline: NOTHING, offset: 0 };
    this.#note(open);
    const stub = await addFile(this.#remote, partial, bytesBody(''), { ...this.#options, overwrite: true });
    if (stub !== null) return open;
    this.#options.onSession?.(null);
    return null;
  }

  /** Nobody goes on with what is not to replace anything any more. */
  async #sendAllOf(open: OpenUpload): Promise<'finished' | 'forgotten' | 'unserved'> {
    try {
      return await this.#sendAll(open);
    } catch (error) {
      if (error instanceof DriveError && error.kind === 'changed') await this.#abandon(open);
      throw error;
    }
  }

  /** `forgotten`: the server does not know the session any more. */
  async #sendAll(open: OpenUpload): Promise<'finished' | 'forgotten' | 'unserved'> {
    const session = this.#sessionOf(open);
    let { offset } = open;
    let failures = 0;
    while (offset === 0 || offset < this.#payload.size) {
      const next = await this.#sendOne(session, offset, open);
      if (next === 'finished' || next === 'forgotten' || next === 'unserved') return next;
      if (next === 'smaller') continue;
      failures = next > offset ? 0 : failures + 1;
      if (failures > FAILURES_IN_ROW)
        throw new DriveError('unreachable', `${this.#path}: chunks do not arrive`);
      if (failures > 0) await this.#remote.clock.sleep(FIRST_DELAY_MS * 2 ** failures, this.#options.signal);
      offset = next;
      this.#note({ ...open, offset });
    }
    // the first chunk was the last as well, or the final answer got lost: an empty one closes the file (pnpjs #3278)
    await this.#finish(session, { offset, body: bytesBody('') }, open);
    return 'finished';
  }

  /** Sends the chunk at `offset`; resolves with the next offset, as the server has it. */
  async #sendOne(
    session: ChunkSession,
    offset: number,
    open: OpenUpload,
  ): Promise<number | 'finished' | 'forgotten' | 'smaller' | 'unserved'> {
    const chunk = this.#chunkAt(offset);
    const isLast = offset > 0 && offset + chunk.body.size === this.#payload.size;
    try {
      if (!isLast) return await this.#arrived(chunk, session);
      await this.#finish(session, chunk, open);
      return 'finished';
    } catch (error) {
      if (isTooLarge(error) && this.#sizes.refused()) return 'smaller';
      if (offset === 0 && this.#isUnserved(error)) return 'unserved';
      if (!isPassing(error)) throw error;
      this.#sizes.failed();
      if (isLast && (await this.#isThere(open)) && (await this.#isOver(session))) return 'finished';
      this.#remote.log.debug(
        { path: this.#path, offset, reason: error.message },
        'asking where the upload is',
      );
      const known = await session.offset(this.#options);
      if (known !== null) return known;
      return offset === 0 ? 0 : 'forgotten';
    }
  }

  #isUnserved(error: unknown): boolean {
    if (!isNoService(error)) return false;
    this.#refusedStarts += 1;
    return !mayBeLate(error) || this.#refusedStarts >= REFUSED_STARTS;
  }

  /** The old content goes, if it is still the one that the caller knew. */
  #finish(session: ChunkSession, chunk: Chunk, open: OpenUpload): Promise<unknown> {
    const look = async () => {
      const present =
        open.partial === null ? await statOrNull(this.#remote, this.#path, this.#options) : null;
      if (open.partial === null && present?.version !== open.baseline) throw changed(this.#path);
    };
    return soonAfter(this.#remote.clock, look, (_, onAttempt) =>
      session.finish(chunk, { ...this.#options, onAttempt }),
    );
  }

  async #arrived(chunk: Chunk, session: ChunkSession): Promise<number> {
    const next = await session.send(chunk, this.#options);
    this.#remote.ways.works('chunks');
    this.#sizes.arrived(chunk.body.size);
    return next;
  }

  /** Did FinishUpload take effect although its answer was lost? */
  async #isThere(open: OpenUpload): Promise<boolean> {
    const item = await statOrNull(this.#remote, open.partial ?? this.#path, this.#options);
    return item !== null && item.size === this.#payload.size && item.version !== open.baseline;
  }

  /** As long as the server waits for the last chunk, what is there by now is somebody else's. */
  async #isOver(session: ChunkSession): Promise<boolean> {
    try {
      const offset = await session.offset(this.#options);
      return offset === null || offset >= this.#payload.size;
    } catch (error) {
      // How a session that is over is answered is not documented (protocol notes 3.3).
      if (error instanceof DriveError && (error.status ?? 0) >= 500) return true;
      throw error;
    }
  }

  async #settle(open: OpenUpload): Promise<DriveItem> {
    const item =
      open.partial === null ? await this.#replaced(open.baseline) : await this.#renamed(open.partial);
    this.#options.onSession?.(null);
    return item;
  }

  #replaced(baseline: Version): Promise<DriveItem> {
    return statAfterWrite(this.#remote, this.#path, this.#options, ({ version }) => version !== baseline);
  }

  async #renamed(partial: DrivePath): Promise<DriveItem> {
    try {
      return await move(this.#remote, partial, this.#path, { ...this.#options, overwrite: false });
    } catch (error) {
      if (error instanceof DriveError && error.kind === 'exists') await this.#removePartial(partial);
      throw error;
    }
  }

  /** Remembered until it is gone: whoever goes on after a lost answer, or a crash, takes away what has grown. */
  async #abandon(open: OpenUpload): Promise<void> {
    await this.#sessionOf(open).cancel(this.#options);
    if (open.partial !== null) await this.#removePartial(open.partial);
    this.#options.onSession?.(null);
  }

  async #removePartial(partial: DrivePath): Promise<void> {
    await remove(this.#remote, partial, { ...this.#options, kind: 'file' });
  }

  #note(open: OpenUpload): void {
    this.#options.onSession?.(writtenSession(open));
    this.#options.onProgress?.(open.offset);
  }

  #sessionOf({ partial, uploadId }: OpenUpload): ChunkSession {
    const { rest, locations } = this.#remote;
    if (rest === null) throw new DriveError('too-large', `${this.#path}: the server takes no chunks`);
    return new ChunkSession(rest, locations.serverPath(partial ?? this.#path), uploadId);
  }

  #chunkAt(offset: number): Chunk {
    const length = Math.min(this.#sizes.next(), this.#payload.size - offset);
    const body: RequestBody = { size: length, open: () => this.#bytesOf({ offset, length }) };
    return { offset, body };
  }

  /** Read as they are sent, and told about: a chunk takes seconds. */
  async *#bytesOf({ offset, length }: ByteRange): AsyncGenerator<Uint8Array> {
    let sent = offset;
    for await (const piece of this.#payload.open({ offset, length })) {
      yield piece;
      sent += piece.length;
      this.#options.onProgress?.(sent);
    }
  }
}

/** Beside its place. */
function partialPath(path: DrivePath, uploadId: string): DrivePath {
  return `${path.slice(0, path.lastIndexOf('/'))}/${partialName(uploadId)}`;
}

function changed(path: DrivePath): DriveError {
  return new DriveError('changed', `${path}: somebody changed it`);
}
