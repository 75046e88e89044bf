/**
 * Names that no rule can show: longer than POSIX takes (255 bytes; the server counts characters), not UTF-8, or such as the
 * server itself would refuse today, so that they would be taken for how another name is stored. They are shown under a name of
 * their own, cut and with a mark that tells them apart, and remembered: that is how they are found again.
 */
import { createHash } from 'node:crypto';
import type { NameCodec } from './name-codec.js';
import { withRawBytes } from './raw-bytes.js';

/** Where shown names are kept as long as the tree is. Neither method throws. */
export interface NameMemory {
  load(): Iterable<readonly [shown: string, wireName: string]>;
  add(shown: string, wireName: string): void;
}

const LONGEST_NAME_BYTES = 255;
/** A UTF-16 unit takes at most so many bytes. */
const BYTES_PER_UNIT = 3;
const MARK_DIGITS = 8;
const LONGEST_EXTENSION = 16;
/** The first ones are forgotten beyond this. */
const MOST_REMEMBERED = 50_000;

export class ShownNames {
  readonly #memory: NameMemory | null;
  readonly #wireNames = new Map<string, string>();

  constructor(memory: NameMemory | null) {
    this.#memory = memory;
    for (const [shown, wireName] of memory?.load() ?? []) this.#remember(shown, wireName);
  }

  /** The same codec for what it can do, and this for the rest. */
  around({ encode, decode }: NameCodec): NameCodec {
    return {
      encode: (name) => this.#wireNames.get(name) ?? encode(name),
      decode: (wireName) => {
        const name = decode(wireName);
        const text = withRawBytes(name);
        const isAsItIs = text === name && fits(name) && encode(name) === wireName;
        return isAsItIs ? name : this.#show(text, wireName);
      },
    };
  }

  #show(name: string, wireName: string): string {
    const shown = marked(name, wireName);
    if (this.#wireNames.get(shown) === wireName) return shown;
    this.#remember(shown, wireName);
    this.#memory?.add(shown, wireName);
    return shown;
  }

  #remember(shown: string, wireName: string): void {
    this.#wireNames.set(shown, wireName);
    if (this.#wireNames.size > MOST_REMEMBERED) this.#wireNames.delete(this.#wireNames.keys().next().value!);
  }
}

function fits(name: string): boolean {
  return name.length * BYTES_PER_UNIT <= LONGEST_NAME_BYTES || Buffer.byteLength(name) <= LONGEST_NAME_BYTES;
}

/** `beginning~1a2b3c4d.txt` */
function marked(name: string, wireName: string): string {
  const dot = name.lastIndexOf('.');
  const isExtension = dot > 0 && name.length - dot <= LONGEST_EXTENSION && fits(name.slice(dot));
  const extension = isExtension ? name.slice(dot) : '';
  const mark = `~${createHash('sha256').update(withRawBytes(wireName)).digest('hex').slice(0, MARK_DIGITS)}`;
  const room = LONGEST_NAME_BYTES - Buffer.byteLength(mark + extension);
  return cut(isExtension ? name.slice(0, dot) : name, room) + mark + extension;
}

/** As many whole characters as fit in so many bytes. */
function cut(text: string, mostBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > mostBytes) break;
    kept += character;
  }
  return kept;
}
