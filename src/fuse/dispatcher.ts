/**
 * From a message to its one reply. What is in memory is answered at once; the rest waits among the `PendingRequests`, may
 * be called off by the kernel (EINTR), by its deadline (ETIMEDOUT) or by the end of the session (ENOTCONN), and answers
 * when the file system does. One that ignores all that is answered for it, and its own answer is undone.
 */
import type { Clock, Log, Metrics } from '../base/index.js';
import { errnoOf, type FileSystemPort, FsError, type Reply, type Request } from '../fs/index.js';
import type { NativeSession } from './addon.js';
import type { OpenHandles } from './open-handles.js';
import { PendingRequest } from './pending-request.js';
import { PendingRequests } from './pending-requests.js';
import type { Replier } from './replier.js';
import {
  decodeRequest,
  MalformedMessage,
  type Message,
  OPEN_KILL_SUIDGID,
  Opcode,
  REQUEST_HEADER,
} from './wire/index.js';

/** More requests than this under way, and reading stops until some are answered. */
export const MOST_PENDING = 4096;

export interface DispatcherParts {
  readonly native: NativeSession;
  readonly message: Message;
  readonly handles: OpenHandles;
  readonly replier: Replier;
  readonly fileSystem: FileSystemPort;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #pending: PendingRequests;
  readonly #settling = new Set<Promise<void>>();
  #isPaused = false;
  #isRefusing = false;
  #interrupted = 0;
  #abandoned = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#pending = new PendingRequests(parts.clock, parts.deadlineMs, (pending) => this.#abandon(pending));
  }

  get pendingCount(): number {
    return this.#pending.size;
  }
  get interruptedCount(): number {
    return this.#interrupted;
  }
  get abandonedCount(): number {
    return this.#abandoned;
  }

  /** The message is at its place; `slot` says where, for what must stay there. */
  dispatch(slot: number): void {
    const { message } = this.#parts;
    try {
      switch (message.opcode) {
        case Opcode.FORGET:
          this.#forget(message.node, message.u64(REQUEST_HEADER));
          break;
        case Opcode.BATCH_FORGET:
          this.#forgetMany();
          break;
        case Opcode.INTERRUPT:
          this.#interrupt(message.u64(REQUEST_HEADER));
          break;
        default:
          this.#begin(slot);
      }
    } catch (error) {
      this.#rejectMessage(error);
    }
  }

  /** What is under way and what still comes is refused; resolves when the file system is done with all of it. */
  async stop(): Promise<void> {
    this.#isRefusing = true;
    this.#pending.end((pending) => this.#parts.replier.refuse(pending, 'ENOTCONN'));
    if (this.#isPaused) this.#parts.native.start();
    await Promise.allSettled(this.#settling);
  }

  #rejectMessage(error: unknown): void {
    const { message, log, metrics, replier } = this.#parts;
    if (!(error instanceof MalformedMessage)) throw error;
    metrics.add('bugs');
    log.error({ opcode: message.opcode, reason: error.message }, 'the kernel sent a malformed message');
    if (message.opcode === Opcode.FORGET || message.opcode === Opcode.BATCH_FORGET) return;
    replier.refuse(new PendingRequest(message.unique, message.opcode, REJECTED), 'EIO');
  }

  #forget(node: number, count: number): void {
    if (Number.isSafeInteger(node) && Number.isSafeInteger(count)) this.#parts.fileSystem.forget(node, count);
  }

  #forgetMany(): void {
    const { message } = this.#parts;
    const count = message.u32(REQUEST_HEADER);
    for (let index = 0; index < count; index++) {
      const at = REQUEST_HEADER + 8 + index * 16;
      this.#forget(message.u64(at), message.u64(at + 8));
    }
  }

  #interrupt(unique: number): void {
    const pending = this.#pending.get(unique);
    if (pending === undefined || pending.isCalledOff) return;
    this.#interrupted += 1;
    this.#parts.metrics.add('kernel.interrupted');
    pending.callOff('EINTR');
  }

  #begin(slot: number): void {
    const { message, replier } = this.#parts;
    const { unique, opcode } = message;
    const request = this.#isRefusing ? GONE : decodeRequest(message);
    if (request instanceof FsError) {
      replier.refuse(new PendingRequest(unique, opcode, REJECTED), request.errno);
      return;
    }
    const pending = new PendingRequest(unique, opcode, request);
    pending.limit = limitOf(message);
    this.#settle(pending, this.#work(pending, slot), slot);
  }

  #work(pending: PendingRequest, slot: number): Reply | Promise<Reply | typeof SUBMITTED> {
    const { handles, message, native } = this.#parts;
    const { request, opcode } = pending;
    switch (request.operation) {
      case 'write':
        // It came here because set-uid bits are to be cleared first; the bytes themselves stay native.
        return handles.isBound(request.handle) ? this.#writeAfterKill(pending, slot) : this.#handle(pending);
      case 'open':
        return (message.u32(REQUEST_HEADER + 4) & OPEN_KILL_SUIDGID) !== 0 && opcode === Opcode.OPEN
          ? this.#openAfterKill(pending)
          : this.#handle(pending);
      case 'setattr':
        native.privilegesChanged();
        return this.#handle(pending);
      case 'release':
        return this.#releaseHandle(pending, request.handle);
      case 'releasedir':
        handles.closedFolder(request.handle);
        return this.#handle(pending);
      default:
        return this.#handle(pending);
    }
  }

  #handle(pending: PendingRequest): Reply | Promise<Reply> {
    try {
      return this.#parts.fileSystem.handle(pending.request, pending);
    } catch (error) {
      return this.#errorReply(pending, error);
    }
  }

  #killPrivileges(pending: PendingRequest): Reply | Promise<Reply> {
    const { request } = pending;
    if (!('node' in request)) return undefined;
    const { caller, node } = request;
    const changes = { killPrivileges: true };
    const context = { signal: pending.signal };
    return this.#parts.fileSystem.handle(
      { operation: 'setattr', caller, node, handle: null, changes },
      context,
    );
  }

  async #openAfterKill(pending: PendingRequest): Promise<Reply> {
    const killed = await this.#killPrivileges(pending);
    return killed instanceof FsError ? killed : this.#handle(pending);
  }

  async #writeAfterKill(pending: PendingRequest, slot: number): Promise<Reply | typeof SUBMITTED> {
    const killed = await this.#killPrivileges(pending);
    if (killed instanceof FsError) return killed;
    // The handle may have come back to the file system meanwhile.
    if (this.#parts.native.submit(slot) < 0) return this.#handle(pending);
    pending.slot = -1;
    return SUBMITTED;
  }

  #releaseHandle(pending: PendingRequest, handle: number): Reply | Promise<Reply> {
    const { handles } = this.#parts;
    const drained = handles.unbind(handle);
    handles.closed(handle);
    if (drained === null) return this.#handle(pending);
    return drained.then(() => this.#handle(pending));
  }

  #settle(pending: PendingRequest, result: Reply | Promise<Reply | typeof SUBMITTED>, slot: number): void {
    if (result instanceof Promise) this.#wait(pending, result, slot);
    else this.#answer(pending, result);
  }

  #wait(pending: PendingRequest, result: Promise<Reply | typeof SUBMITTED>, slot: number): void {
    const { native } = this.#parts;
    if (pending.opcode === Opcode.WRITE || pending.opcode === Opcode.SETXATTR) {
      pending.slot = slot;
      native.hold(slot);
    }
    this.#pending.add(pending);
    this.#pauseIfFull();
    const settled: Promise<void> = result
      .then(
        (reply) => this.#finish(pending, reply),
        (error: unknown) => this.#finish(pending, this.#errorReply(pending, error)),
      )
      .finally(() => this.#settling.delete(settled));
    this.#settling.add(settled);
  }

  #answer(pending: PendingRequest, reply: Reply): void {
    const { replier } = this.#parts;
    try {
      replier.answer(pending, reply);
    } catch (error) {
      this.#errorReply(pending, error);
      replier.failed(pending);
    }
  }

  #finish(pending: PendingRequest, reply: Reply | typeof SUBMITTED): void {
    const { native } = this.#parts;
    this.#pending.remove(pending);
    if (reply !== SUBMITTED) this.#answer(pending, reply);
    if (pending.slot >= 0) native.free(pending.slot);
    if (!this.#isPaused || this.#pending.size > MOST_PENDING / 2) return;
    this.#isPaused = false;
    native.start();
  }

  #pauseIfFull(): void {
    if (this.#isPaused || this.#pending.size < MOST_PENDING) return;
    this.#isPaused = true;
    this.#parts.native.pause();
  }

  #abandon(pending: PendingRequest): void {
    const { log, metrics, replier } = this.#parts;
    this.#abandoned += 1;
    metrics.add('bugs');
    log.error({ operation: pending.request.operation }, 'a request ignored its deadline');
    replier.refuse(pending, 'ETIMEDOUT');
  }

  #errorReply({ request }: PendingRequest, error: unknown): FsError {
    const errno = errnoOf(error);
    if (errno !== null) return error instanceof FsError ? error : new FsError(errno);
    this.#parts.metrics.add('bugs');
    this.#parts.log.error({ operation: request.operation, error }, 'an operation failed unexpectedly');
    return new FsError('EIO');
  }
}

/** The addon answers it. */
const SUBMITTED = Symbol('submitted');

const GONE = new FsError('ENOTCONN');

/** Stands for a request that could not be decoded, and has no effects to undo. */
const REJECTED: Request = { operation: 'statfs', caller: { uid: 0, gid: 0, pid: 0 }, node: 1 };

function limitOf(message: Message): number {
  switch (message.opcode) {
    case Opcode.READDIR:
    case Opcode.READDIRPLUS:
      return message.u32(REQUEST_HEADER + 16);
    case Opcode.GETXATTR:
    case Opcode.LISTXATTR:
      return message.u32(REQUEST_HEADER);
    default:
      return 0;
  }
}
