/**
 * Cuts a long JSON answer into the objects of one array while it arrives, so that parsing never holds the event loop:
 * each object comes by itself, and what is around the array at the end. A document that ends early throws.
 */
import { DriveError } from '../../drive/index.js';

export interface JsonRest {
  /** The document with an empty array in place of the records. */
  readonly rest: unknown;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
/** What is before and behind the array is short; else the document is not what it should be. */
const LONGEST_REST = 4 * 1024 * 1024;

/** Batches of objects of the array called `name` (wherever it is), then one `JsonRest`. */
export async function* jsonRecords(
  body: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<readonly string[] | JsonRest> {
  const cutter = new JsonCutter(name);
  const decoder = new TextDecoder('utf-8');
  for await (const bytes of body) {
    const records = cutter.feed(decoder.decode(bytes, { stream: true }));
    if (records.length > 0) yield records;
  }
  yield { rest: cutter.end() };
}

class JsonCutter {
  readonly #start: RegExp;
  #state: 'before' | 'within' | 'after' = 'before';
  #before = '';
  #after = '';
  #buffer = '';
  /** Scanned up to here, in the middle of an object when `#depth` is not 0. */
  #at = 0;
  #depth = 0;
  #inString = false;

  constructor(name: string) {
    this.#start = new RegExp(`"${name}"\\s*:\\s*\\[`);
  }

  feed(text: string): string[] {
    if (this.#state === 'after') {
      this.#after += text;
      this.#checkRest(this.#after);
      return [];
    }
    if (this.#state === 'before') return this.#seek(text);
    this.#buffer += text;
    return this.#scan();
  }

  /** The document around the array, parsed. */
  end(): unknown {
    const isWhole = this.#state === 'after' || this.#state === 'before';
    try {
      if (isWhole) return JSON.parse(this.#before + this.#after);
    } catch (cause) {
      throw new DriveError('protocol', 'the server sent JSON that does not parse', { cause });
    }
    throw new DriveError('protocol', 'the answer ended in the middle');
  }

  #seek(text: string): string[] {
    this.#before += text;
    const found = this.#start.exec(this.#before);
    if (found === null) {
      this.#checkRest(this.#before);
      return [];
    }
    const begin = found.index + found[0].length;
    this.#buffer = this.#before.slice(begin);
    this.#before = this.#before.slice(0, begin);
    this.#state = 'within';
    return this.#scan();
  }

  #scan(): string[] {
    const records: string[] = [];
    const text = this.#buffer;
    let start = 0;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        if (code === BACKSLASH) at += 1;
        else if (code === QUOTE) this.#inString = false;
      } else if (code === QUOTE) this.#inString = true;
      else if (code === OPEN_BRACE) {
        if (this.#depth === 0) start = at;
        this.#depth += 1;
      } else if (code === CLOSE_BRACE) {
        this.#depth -= 1;
        if (this.#depth === 0) {
          records.push(text.slice(start, at + 1));
          start = at + 1;
        }
      } else if (code === CLOSE_BRACKET && this.#depth === 0) {
        this.#after = text.slice(at);
        this.#state = 'after';
        return records;
      }
    }
    this.#buffer = text.slice(start);
    this.#at = at - start;
    return records;
  }

  #checkRest(text: string): void {
    if (text.length > LONGEST_REST) throw new DriveError('protocol', 'the answer is not what was asked for');
  }
}
