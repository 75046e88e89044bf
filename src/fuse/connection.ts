/**
 * The traffic of one mounted device: waits on the loop, hands messages on in order, a bounded number per wake-up, and
 * sees to it that the file system hears of native writes before it hears of anything later.
 */
import type { Clock, Log, Metrics } from '../base/index.js';
import type { FileSystemPort } from '../fs/index.js';
import {
  type Addon,
  ENDED,
  type NativeSession,
  NO_MESSAGE,
  STATUS_WORDS,
  StatusWord,
  Woken,
} from './addon.js';
import { Dispatcher } from './dispatcher.js';
import type { NativeKernelPort } from './native-kernel-port.js';
import { Notifier } from './notifier.js';
import { OpenHandles } from './open-handles.js';
import { releaseQuietly } from './release.js';
import { Replier } from './replier.js';
import {
  type Agreement,
  agree,
  BODY,
  decodeInit,
  ERRNO_NUMBER,
  type InitWishes,
  LARGEST_WRITE,
  Message,
  Opcode,
  putInit,
  ReplyArena,
} from './wire/index.js';

/** A WRITE of the largest size with its headers; the kernel insists on room for that. */
const SLOT_SIZE = LARGEST_WRITE + 4096;
/** Writes under way at a time; with the last one reading stops, which is the back-pressure. */
const SLOT_COUNT = 16;
/** Replies other than READ: listings, extended attributes. */
const ARENA_SIZE = 256 * 1024;
/** Native writes that are told of at a time. */
const MOST_NOTES = 256;
/** Native writes that nothing follows are reported after this long at the latest. */
const NOTES_DELAY_MS = 100;

const ENODEV = 19;

export type EndReason = 'unmounted' | 'aborted' | 'closed';

export interface ConnectionParts {
  readonly addon: Addon;
  readonly device: number;
  readonly kernel: NativeKernelPort;
  readonly fileSystem: FileSystemPort;
  readonly wishes: InitWishes;
  readonly workers: number;
  readonly deadlineMs: number;
  /** How long the end waits for a notification that the kernel does not return from. */
  readonly notifierPatienceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #native: NativeSession;
  readonly #status = new Int32Array(STATUS_WORDS);
  readonly #notes = new Float64Array(3 * MOST_NOTES);
  readonly #message: Message;
  readonly #arena = new ReplyArena(ARENA_SIZE);
  readonly #handles: OpenHandles;
  #dispatcher: Dispatcher | null = null;
  #notifier: Notifier | null = null;
  #requests = 0;
  #cancelNotes: (() => void) | null = null;
  #agreed!: (agreement: Agreement) => void;
  #refused!: (error: Error) => void;
  #hasEnded!: (reason: EndReason) => void;
  #isEnding = false;

  /** The kernel and we know what to expect of each other. */
  readonly ready = new Promise<Agreement>((resolve, reject) => {
    this.#agreed = resolve;
    this.#refused = reject;
  });
  /** Nothing more comes, and the file system was told. */
  readonly ended = new Promise<EndReason>((resolve) => {
    this.#hasEnded = resolve;
  });

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const pool = new Uint8Array(SLOT_SIZE * SLOT_COUNT);
    this.#message = new Message(pool);
    this.#native = parts.addon.attach(
      parts.device,
      pool,
      SLOT_SIZE,
      this.#arena.bytes,
      this.#status,
      parts.workers,
      (slot) => this.#onMessages(slot),
      (reason) => this.#onWoken(reason),
    );
    this.#handles = new OpenHandles(this.#native);
    const { prefix, othersAre } = parts.fileSystem.keptAttributes;
    this.#native.keepOnlyAttributes(prefix, ERRNO_NUMBER[othersAre]);
    this.#native.start();
  }

  get requestCount(): number {
    return this.#requests;
  }
  get dispatcher(): Dispatcher | null {
    return this.#dispatcher;
  }
  get notifier(): Notifier | null {
    return this.#notifier;
  }
  get openHandleCount(): number {
    return this.#handles.count;
  }

  /** Whether a notification has kept the kernel busy for so long that something must be wrong. */
  get notifierBusyMs(): number {
    return this.#isEnding ? 0 : this.#native.notifierBusyMs();
  }

  /** Lets go of the device: whoever still uses the mount gets ENOTCONN. Idempotent. */
  async end(reason: EndReason): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true;
      await this.#end(reason);
      this.#hasEnded(reason);
    }
    await this.ended;
  }

  async #end(reason: EndReason): Promise<void> {
    const { kernel, fileSystem } = this.#parts;
    this.#refused(new Error(`the mount ended before it began (${reason})`));
    this.#cancelNotes?.();
    kernel.disconnect();
    const settled = this.#dispatcher?.stop();
    await this.#letNotifierGo();
    this.#native.close();
    this.#reportWrites();
    await settled;
    await Promise.all(this.#handles.takeAll().map((handle) => releaseQuietly(fileSystem, handle)));
    fileSystem.destroy();
  }

  /**
   * The kernel may keep its thread waiting for what somebody asked of us: a page that is being read, a folder that is
   * being changed. Left alone there, it would keep the whole process from ever ending; so all is refused until it is back.
   */
  async #letNotifierGo(): Promise<void> {
    const { clock, notifierPatienceMs } = this.#parts;
    const patience = new AbortController();
    const tooLate = clock.sleep(notifierPatienceMs, patience.signal).catch(() => undefined);
    await Promise.race([this.#notifier?.stop(), tooLate]);
    patience.abort();
  }

  /** A turn of ours, from the message in that slot on; the addon sees to it that others get theirs on the loop. */
  #onMessages(first: number): void {
    for (let slot = first; slot !== NO_MESSAGE; slot = this.#native.next()) {
      if (slot === ENDED) {
        this.#lost();
        return;
      }
      this.#onMessage(slot);
    }
  }

  #onMessage(slot: number): void {
    this.#requests += 1;
    this.#parts.metrics.add('kernel.requests');
    if (this.#status[StatusWord.NOTES] !== 0) this.#reportWrites();
    this.#message.moveTo(slot * SLOT_SIZE, SLOT_SIZE);
    if (this.#dispatcher !== null) this.#dispatcher.dispatch(slot);
    else this.#greet();
  }

  /** A worker is done, a notification was sent, there is room again; or data was written. */
  #onWoken(reason: number): void {
    if (reason === Woken.BY_WRITES) {
      if (!this.#isEnding) this.#reportWritesSoon();
      return;
    }
    this.#handles.drained();
    this.#notifier?.progressed();
    this.#reportWrites();
  }

  #lost(): void {
    void this.end(this.#status[StatusWord.ERROR] === ENODEV ? 'unmounted' : 'aborted');
  }

  #reportWrites(): void {
    const { fileSystem } = this.#parts;
    const notes = this.#notes;
    let length: number;
    do {
      length = this.#native.notes(notes);
      for (let at = 0; at < length; at += 3) fileSystem.wrote(notes[at]!, notes[at + 1]!, notes[at + 2]!);
      // Once it is closed, nobody keeps the count.
    } while (length > 0 && (this.#isEnding || this.#status[StatusWord.NOTES] !== 0));
  }

  #reportWritesSoon(): void {
    this.#cancelNotes ??= this.#parts.clock.after(NOTES_DELAY_MS, () => {
      this.#cancelNotes = null;
      this.#reportWrites();
      if (this.#status[StatusWord.WRITES] !== 0) this.#reportWritesSoon();
    });
  }

  /** FUSE_INIT comes first; a kernel with a newer major version asks again with ours. */
  #greet(): void {
    const message = this.#message;
    if (message.opcode !== Opcode.INIT) {
      this.#refuse(message.unique, ERRNO_NUMBER.EIO);
      return;
    }
    const { wishes } = this.#parts;
    const offer = decodeInit(message);
    const agreement = agree(offer, wishes);
    if (agreement === null) {
      this.#refuse(message.unique, ERRNO_NUMBER.EOPNOTSUPP);
      this.#refused(
        new Error(`the kernel's FUSE ${offer.major}.${offer.minor} is too old: Linux 5.4 is needed`),
      );
      return;
    }
    const isFinal = offer.major === 7;
    if (isFinal) this.#begin(agreement);
    const length = BODY + putInit(this.#arena, agreement, wishes);
    this.#arena.header(length, 0, message.unique);
    this.#native.reply(length);
    if (isFinal) this.#agreed(agreement);
  }

  #begin(agreement: Agreement): void {
    const { kernel, fileSystem, clock, log, metrics, deadlineMs } = this.#parts;
    const [native, handles] = [this.#native, this.#handles];
    const { passthrough } = agreement;
    const replier = new Replier({ native, arena: this.#arena, handles, fileSystem, passthrough });
    const shared = { native, handles, replier, fileSystem, clock, log, metrics, deadlineMs };
    this.#dispatcher = new Dispatcher({ ...shared, message: this.#message });
    this.#notifier = new Notifier(native, agreement.minor);
    kernel.connect(this.#notifier, handles, () => this.#reportWrites());
  }

  #refuse(unique: number, errno: number): void {
    this.#arena.header(BODY, -errno, unique);
    this.#native.reply(BODY);
  }
}
