/** A request that was not answered yet, as the file system sees it: something that may be called off. */
import { FsError, type Request, type RequestContext } from '../fs/index.js';

export class PendingRequest implements RequestContext {
  readonly unique: number;
  readonly opcode: number;
  readonly request: Request;
  /** Where the payload of a WRITE is held; -1: nowhere. */
  slot = -1;
  /** Set once it was answered, by whomever. */
  isAnswered = false;
  /** When it began to wait, on the monotonic clock; 0 while it is handled at once. */
  waitingSinceMs = 0;
  /** When it was told that it has no more time; 0: not yet. */
  overdueSinceMs = 0;
  /** What the kernel takes of a directory or an extended attribute, bytes. */
  limit = 0;
  #controller: AbortController | null = null;
  #reason: FsError | null = null;

  constructor(unique: number, opcode: number, request: Request) {
    this.unique = unique;
    this.opcode = opcode;
    this.request = request;
  }

  /** Made only when somebody asks: most requests are answered before anybody could call them off. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get isCalledOff(): boolean {
    return this.#reason !== null;
  }

  /** The first reason counts. */
  callOff(errno: 'EINTR' | 'ETIMEDOUT' | 'ENOTCONN'): void {
    if (this.#reason !== null) return;
    this.#reason = new FsError(errno);
    this.#controller?.abort(this.#reason);
  }
}
