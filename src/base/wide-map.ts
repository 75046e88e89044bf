/**
 * A map for hundreds of thousands of entries that never grows in one long step. The engine moves all entries of a `Map`
 * whenever it doubles: at 131,072 that holds up the event loop for 10 to 30 ms. This one is many small maps.
 */
const PARTS = 256;

export class WideMap<Key extends number | string, Value> {
  readonly #parts: (Map<Key, Value> | undefined)[] = new Array(PARTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Key): Value | undefined {
    return this.#parts[partOf(key)]?.get(key);
  }

  has(key: Key): boolean {
    return this.#parts[partOf(key)]?.has(key) ?? false;
  }

  set(key: Key, value: Value): void {
    const at = partOf(key);
    let part = this.#parts[at];
    if (part === undefined) {
      part = new Map();
      this.#parts[at] = part;
    }
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  delete(key: Key): boolean {
    const isGone = this.#parts[partOf(key)]?.delete(key) ?? false;
    if (isGone) this.#size -= 1;
    return isGone;
  }
}

function partOf(key: number | string): number {
  return typeof key === 'number' ? key % PARTS : partOfText(key);
}

/** All characters count: names that people number differ in the middle. */
function partOfText(text: string): number {
  let mixed = text.length;
  for (let at = 0; at < text.length; at += 1) mixed = (Math.imul(mixed, 31) + text.charCodeAt(at)) | 0;
  return (mixed ^ (mixed >>> 8)) & (PARTS - 1);
}
