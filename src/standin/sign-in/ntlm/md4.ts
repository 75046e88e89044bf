/** MD4 (RFC 1320), which OpenSSL no longer offers: the hash that NTLM stores of a password. */

const ROUND_SHIFTS = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const;
const ROUND_CONSTANTS = [0, 0x5a827999, 0x6ed9eba1] as const;
const ROUND_ORDERS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
] as const;

type State = [number, number, number, number];

export function md4(message: Uint8Array): Buffer {
  const padded = pad(message);
  const state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) mixBlock(state, padded.subarray(at, at + 64));
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeUInt32LE(word >>> 0, index * 4);
  return digest;
}

function pad(message: Uint8Array): Buffer {
  const length = Math.ceil((message.length + 9) / 64) * 64;
  const padded = Buffer.alloc(length);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, length - 8);
  return padded;
}

function mixBlock(state: State, block: Buffer): void {
  let [a, b, c, d] = state;
  for (const round of [0, 1, 2] as const) {
    for (let step = 0; step < 16; step++) {
      const word = block.readUInt32LE(ROUND_ORDERS[round][step]! * 4);
      const sum = (a + mixed(round, b, c, d) + word + ROUND_CONSTANTS[round]) | 0;
      [a, b, c, d] = [d, rotated(sum, ROUND_SHIFTS[round][step % 4]!), b, c];
    }
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
}

function mixed(round: 0 | 1 | 2, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  return round === 1 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
