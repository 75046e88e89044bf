/**
 * GUIDs of items, derived from their number so that a million of them take no memory: the first group is the number
 * under a bijection, the others are a hash of number and store.
 */
const SPREAD = 0x9e37_79b1;
const GATHER = inverseOf(SPREAD);

export class GuidScheme {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Lower case, without braces. */
  guidOf(number: number): string {
    const first = (Math.imul(number, SPREAD) ^ this.#seed) >>> 0;
    const [second, third, fourth] = [1, 2, 3].map((round) => mix(number + round * 0x51_7c_c1, this.#seed));
    const [a, b, c, d] = [first, second!, third!, fourth!].map((word) => word.toString(16).padStart(8, '0'));
    return `${a}-${b!.slice(0, 4)}-4${b!.slice(5)}-a${c!.slice(1, 4)}-${c!.slice(4)}${d}`;
  }

  /** The number behind a GUID, or undefined when it is none of this store's. Case and braces do not matter. */
  numberOf(guid: string): number | undefined {
    const bare = guid.replace(/[{}]/g, '').toLowerCase();
    const first = Number.parseInt(bare.slice(0, 8), 16);
    if (Number.isNaN(first)) return undefined;
    const number = Math.imul(first ^ this.#seed, GATHER) >>> 0;
    return this.guidOf(number) === bare ? number : undefined;
  }
}

function mix(value: number, seed: number): number {
  let mixed = (value ^ seed) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let round = 0; round < 5; round++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}
