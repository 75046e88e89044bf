/** Builds messages as the kernel sends them, for tests of the decoder: written from the kernel's header, not from ours. */
import { Message } from '../../src/fuse/wire/index.js';

export type Field =
  | readonly ['u32' | 'u64', number | bigint]
  | readonly ['text', string]
  | readonly ['bytes', Uint8Array];

export const u32 = (value: number): Field => ['u32', value];
export const u64 = (value: number | bigint): Field => ['u64', value];
export const text = (value: string): Field => ['text', value];
export const bytes = (value: Uint8Array): Field => ['bytes', value];

export interface Head {
  readonly opcode: number;
  readonly node?: number | bigint;
  readonly unique?: number;
}

/** `texts` end with a NUL. */
export function rawMessage({ opcode, node = 7, unique = 1234 }: Head, fields: readonly Field[]): Buffer {
  const body = Buffer.concat(fields.map(encode));
  const head = Buffer.alloc(40);
  head.writeUInt32LE(40 + body.length, 0);
  head.writeUInt32LE(opcode, 4);
  head.writeBigUInt64LE(BigInt(unique), 8);
  head.writeBigUInt64LE(BigInt(node), 16);
  head.writeUInt32LE(1000, 24);
  head.writeUInt32LE(100, 28);
  head.writeUInt32LE(4321, 32);
  return Buffer.concat([head, body]);
}

/** As received: in the middle of a larger memory, whose other bytes are not zero. */
export function received(raw: Uint8Array): Message {
  const memory = new Uint8Array(64 + ((raw.length + 7) & ~7) + 64).fill(0xa5);
  memory.set(raw, 64);
  return new Message(memory).moveTo(64, memory.length - 128);
}

export function message(head: Head, ...fields: readonly Field[]): Message {
  return received(rawMessage(head, fields));
}

function encode([kind, value]: Field): Buffer {
  switch (kind) {
    case 'u32': {
      const word = Buffer.alloc(4);
      word.writeUInt32LE(Number(value), 0);
      return word;
    }
    case 'u64': {
      const words = Buffer.alloc(8);
      words.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 0);
      return words;
    }
    case 'text':
      return Buffer.from(`${value}\0`);
    case 'bytes':
      return Buffer.from(value);
  }
}
