/**
 * Reads one message of the kernel where it was received. Nothing is read beyond its end: a field that is not all there,
 * or a name without its NUL, is a `MalformedMessage`. Numbers are in the machine's order, as the kernel's are.
 */
import { REQUEST_HEADER } from './abi.js';

export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

const HIGH_WORD = 0x1_0000_0000;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Message {
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  /** Where it begins, in bytes; a multiple of 8. */
  #start = 0;
  #end = 0;

  /** `memory`: where messages are received; begins and ends on a multiple of 8 bytes. */
  constructor(memory: Uint8Array) {
    this.#bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength >>> 2);
  }

  /** From now on the message that begins at `start`, in at most `capacity` bytes. */
  moveTo(start: number, capacity: number): this {
    this.#start = start;
    this.#end = start + REQUEST_HEADER;
    const length = this.#words[start >>> 2]!;
    if (length < REQUEST_HEADER || length > capacity) throw new MalformedMessage('its length is impossible');
    this.#end = start + length;
    return this;
  }

  get length(): number {
    return this.#end - this.#start;
  }
  get opcode(): number {
    return this.#words[(this.#start >>> 2) + 1]!;
  }
  /** The kernel counts up by two from zero: it stays a safe integer for longer than a machine lives. */
  get unique(): number {
    const at = this.#start >>> 2;
    return this.#words[at + 3]! * HIGH_WORD + this.#words[at + 2]!;
  }
  get node(): number {
    return this.u64(16);
  }
  get uid(): number {
    return this.#words[(this.#start >>> 2) + 6]!;
  }
  get gid(): number {
    return this.#words[(this.#start >>> 2) + 7]!;
  }
  get pid(): number {
    return this.#words[(this.#start >>> 2) + 8]!;
  }

  /** `offset` is from the start of the message and a multiple of 4. */
  u32(offset: number): number {
    const at = this.#start + offset;
    if (at + 4 > this.#end) throw new MalformedMessage('it ends too early');
    return this.#words[at >>> 2]!;
  }

  i32(offset: number): number {
    return this.u32(offset) | 0;
  }

  /** Possibly more than a safe integer: ask `Number.isSafeInteger` wherever that can come from an application. */
  u64(offset: number): number {
    const at = this.#start + offset;
    if (at + 8 > this.#end) throw new MalformedMessage('it ends too early');
    const word = at >>> 2;
    return this.#words[word + 1]! * HIGH_WORD + this.#words[word]!;
  }

  i64(offset: number): number {
    return this.i32(offset + 4) * HIGH_WORD + this.u32(offset);
  }

  /** The text up to the next NUL, or null when it is no UTF-8; `after` then says where the NUL was. */
  text(offset: number): string | null {
    const from = this.#start + offset;
    let at = from;
    let isAscii = true;
    for (; ; at++) {
      if (at >= this.#end) throw new MalformedMessage('a name has no end');
      const byte = this.#bytes[at]!;
      if (byte === 0) break;
      if (byte >= 0x80) isAscii = false;
    }
    this.after = at + 1 - this.#start;
    if (isAscii) return this.#bytes.toString('latin1', from, at);
    try {
      return strictUtf8.decode(this.#bytes.subarray(from, at));
    } catch {
      return null;
    }
  }

  /** The offset behind the last `text`. */
  after = 0;

  /** A view of the message itself: copy what must outlive it. */
  bytes(offset: number, length: number): Uint8Array {
    const from = this.#start + offset;
    if (from + length > this.#end) throw new MalformedMessage('it ends too early');
    return this.#bytes.subarray(from, from + length);
  }
}
