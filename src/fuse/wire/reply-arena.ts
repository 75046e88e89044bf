/**
 * The memory in which one reply at a time is written, header first. Offsets are in bytes from the start of the message;
 * integers must be aligned to their size (4 for both words of a 64-bit one).
 */
import { REPLY_HEADER } from './abi.js';

const HIGH_WORD = 0x1_0000_0000;

export class ReplyArena {
  readonly bytes: Buffer;
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
    this.#words = new Uint32Array(this.bytes.buffer);
  }

  get size(): number {
    return this.bytes.length;
  }

  /** `length` is that of the whole message; `error` a negative errno or 0. */
  header(length: number, error: number, unique: number): void {
    const words = this.#words;
    words[0] = length;
    words[1] = error;
    words[2] = unique; // its low word
    words[3] = Math.floor(unique / HIGH_WORD);
  }

  u32(offset: number, value: number): void {
    this.#words[offset >>> 2] = value;
  }

  u16(offset: number, value: number): void {
    this.bytes.writeUInt16LE(value, offset);
  }

  /** Any safe integer; negative ones in two's complement. */
  u64(offset: number, value: number): void {
    const word = offset >>> 2;
    this.#words[word] = value;
    this.#words[word + 1] = Math.floor(value / HIGH_WORD);
  }

  zero(offset: number, length: number): void {
    this.#words.fill(0, offset >>> 2, (offset + length) >>> 2);
  }

  /** The number of bytes that `text` took. */
  text(offset: number, text: string): number {
    const { bytes } = this;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return bytes.write(text, offset, 'utf8');
      bytes[offset + index] = code;
    }
    return text.length;
  }
}

/** Where the body of a reply begins. */
export const BODY = REPLY_HEADER;
