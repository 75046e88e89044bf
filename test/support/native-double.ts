/** The addon as the session sees it, without a kernel: records what is replied and sent. */
import { type NativeSession, NO_MESSAGE } from '../../src/fuse/addon.js';

export class NativeDouble implements NativeSession {
  readonly replies: { readonly error: number; readonly unique: number; readonly payload: number }[] = [];
  readonly notifications: Uint8Array[] = [];
  readonly held: number[] = [];
  readonly freed: number[] = [];
  readonly bound = new Map<number, number>();
  readonly submitted: number[] = [];
  /** What the next replies are answered with by the kernel; a negative errno is a refusal. */
  replyResult = 0;
  unbindToken = 0;
  drainedTokens: number[] = [];
  isPaused = false;
  isClosed = false;
  #done = 0;
  readonly #arena: Buffer;

  constructor(arena: Buffer) {
    this.#arena = arena;
  }

  start(): void {
    this.isPaused = false;
  }
  pause(): void {
    this.isPaused = true;
  }
  next(): number {
    return NO_MESSAGE;
  }
  hold(slot: number): void {
    this.held.push(slot);
  }
  free(slot: number): void {
    this.freed.push(slot);
  }
  reply(length: number, payload?: Uint8Array): number {
    const unique = Number(this.#arena.readBigUInt64LE(8));
    this.replies.push({
      error: this.#arena.readInt32LE(4),
      unique,
      payload: length - 16 + (payload?.length ?? 0),
    });
    return this.replyResult;
  }
  bind(handle: number, descriptor: number): number {
    this.bound.set(handle, descriptor);
    return 0;
  }
  unbind(handle: number): number {
    return this.bound.delete(handle) ? this.unbindToken : 0;
  }
  drained(): number[] {
    return this.drainedTokens.splice(0);
  }
  notes(): number {
    return 0;
  }
  submit(slot: number): number {
    this.submitted.push(slot);
    return 0;
  }
  keepOnlyAttributes(): void {}
  privilegesChanged(): void {}
  notify(message: Uint8Array): number {
    this.notifications.push(Uint8Array.from(message));
    return 0;
  }
  notifyNow(message: Uint8Array): number {
    return this.notify(message);
  }
  /** The kernel has taken so many. */
  sent(count: number): void {
    this.#done += count;
  }
  notified(): number {
    const done = this.#done;
    this.#done = 0;
    return done;
  }
  notifierBusyMs(): number {
    return 0;
  }
  openBacking(): number {
    return -1;
  }
  closeBacking(): number {
    return 0;
  }
  close(): void {
    this.isClosed = true;
  }
}
