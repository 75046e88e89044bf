/**
 * Sends the one reply of a request, and undoes what the kernel did not accept: a look-up that nobody counts is
 * forgotten, a handle that nobody will release is released.
 */
import type { ErrnoName } from '../base/index.js';
import {
  type DirectoryReader,
  type Entry,
  type FileSystemPort,
  FsError,
  type NegativeEntry,
  type NodeId,
  type OpenReply,
  type Replies,
  type Reply,
} from '../fs/index.js';
import type { NativeSession } from './addon.js';
import type { OpenHandles } from './open-handles.js';
import type { PendingRequest } from './pending-request.js';
import { releaseQuietly } from './release.js';
import {
  BODY,
  type EncodedOperation,
  ERRNO_NUMBER,
  Opcode,
  putDirectory,
  putReply,
  type ReplyArena,
} from './wire/index.js';

export interface ReplierParts {
  readonly native: NativeSession;
  readonly arena: ReplyArena;
  readonly handles: OpenHandles;
  readonly fileSystem: FileSystemPort;
  readonly passthrough: boolean;
}

export class Replier {
  readonly #parts: ReplierParts;

  constructor(parts: ReplierParts) {
    this.#parts = parts;
  }

  /** Exactly once per request: later calls only undo. */
  answer(pending: PendingRequest, reply: Reply): void {
    if (pending.isAnswered) {
      this.undo(pending, reply);
      return;
    }
    pending.isAnswered = true;
    const { operation } = pending.request;
    if (reply instanceof FsError) this.#sendError(pending, ERRNO_NUMBER[reply.errno]);
    else if (operation === 'read') this.#sendRead(pending, reply as Uint8Array);
    else if (operation === 'readdir') this.#sendDirectory(pending, reply as DirectoryReader);
    else this.#send(pending, operation, reply as Replies[EncodedOperation]);
  }

  /** The reply that `answer` was given made no sense: nothing was sent yet. */
  failed(pending: PendingRequest): void {
    this.#sendError(pending, ERRNO_NUMBER.EIO);
  }

  refuse(pending: PendingRequest, errno: ErrnoName): void {
    this.answer(pending, new FsError(errno));
  }

  /** The kernel will never know of this reply. */
  undo({ request }: PendingRequest, reply: Reply): void {
    if (reply instanceof FsError || typeof reply !== 'object') return;
    const { fileSystem } = this.#parts;
    const entry = entryOf(reply);
    if (entry !== null) fileSystem.forget(entry.node, 1);
    const open = openOf(request.operation, reply);
    if (open !== null)
      this.#release(open.handle, 'node' in request ? request.node : (entry?.node ?? 0), request.operation);
  }

  #release(handle: number, node: NodeId, operation: string): void {
    const { fileSystem, handles } = this.#parts;
    void handles.unbind(handle);
    const isFolder = operation === 'opendir';
    if (isFolder) handles.closedFolder(handle);
    else handles.closed(handle);
    releaseQuietly(fileSystem, { handle, node, isFolder });
  }

  #sendError(pending: PendingRequest, error: number): void {
    this.#parts.arena.header(BODY, -error, pending.unique);
    this.#parts.native.reply(BODY);
  }

  #sendRead(pending: PendingRequest, bytes: Uint8Array): void {
    const { arena, native } = this.#parts;
    arena.header(BODY + bytes.length, 0, pending.unique);
    native.reply(BODY, bytes);
  }

  #sendDirectory(pending: PendingRequest, reader: DirectoryReader): void {
    const { arena, native, fileSystem } = this.#parts;
    const withAttributes = pending.opcode === Opcode.READDIRPLUS;
    const offset = pending.request.operation === 'readdir' ? pending.request.offset : 0;
    const { length, lookedUp } = putDirectory(arena, BODY, {
      reader,
      offset,
      size: pending.limit,
      withAttributes,
    });
    arena.header(BODY + length, 0, pending.unique);
    if (native.reply(BODY + length) >= 0) return;
    for (const node of lookedUp) fileSystem.forget(node, 1);
  }

  #send(pending: PendingRequest, operation: EncodedOperation, reply: Replies[EncodedOperation]): void {
    const { arena, native } = this.#parts;
    const passthroughId = this.#opened(pending, reply as Reply);
    const { limit, unique } = pending;
    const length = putReply(arena, operation, reply as never, { limit, passthroughId });
    if (length < 0) {
      this.#sendError(pending, -length);
      return;
    }
    arena.header(BODY + length, 0, unique);
    if (native.reply(BODY + length) < 0) this.undo(pending, reply as Reply);
  }

  /** Before the reply: with it, the first READ may come. */
  #opened({ request }: PendingRequest, reply: Reply): number {
    const open = openOf(request.operation, reply);
    if (open === null) return 0;
    const { handles } = this.#parts;
    const node = 'node' in request ? request.node : (entryOf(reply)?.node ?? 0);
    if (request.operation === 'opendir') {
      handles.openedFolder(open.handle, node);
      return 0;
    }
    handles.opened(open.handle, node);
    const { backing } = open as OpenReply;
    const mayPass = this.#parts.passthrough && backing.kind === 'descriptor' && backing.passthrough === true;
    const id = mayPass ? handles.passThrough(open.handle, backing.descriptor) : 0;
    if (id === 0) handles.bind(open.handle, backing);
    return id;
  }
}

function entryOf(reply: Reply): Entry | null {
  if (typeof reply !== 'object') return null;
  if ('entry' in reply) return reply.entry;
  if (!('entryValidMs' in reply)) return null;
  return isFound(reply) ? reply : null;
}

function isFound(entry: Entry | NegativeEntry): entry is Entry {
  return entry.node !== 0;
}

function openOf(operation: string, reply: Reply): OpenReply | Replies['opendir'] | null {
  if (typeof reply !== 'object') return null;
  if (operation === 'open' || operation === 'opendir') return reply as OpenReply | Replies['opendir'];
  return 'open' in reply ? reply.open : null;
}
