/**
 * Cuts a long XML document into its records (`response` elements and the like) while it arrives, so that neither the
 * whole text nor the whole tree is ever in memory and the event loop is never held for long. A document that ends
 * before its root was closed throws: a part is never taken for the whole.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DriveError } from '../../drive/index.js';

export interface RecordOptions {
  /** Local name of the repeated element. */
  readonly record: string;
  /** Local name of the document's root. */
  readonly root: string;
  /** No record is longer; else the document is broken or hostile. */
  readonly longestRecord: number;
}

/** How long one turn of the event loop may be held. */
const SLICE_MS = 4;

/** The text of each record, tags included, in batches; the loop gets a turn between batches. */
export async function* xmlRecords(
  body: AsyncIterable<Uint8Array>,
  options: RecordOptions,
): AsyncGenerator<readonly string[]> {
  const cutter = new RecordCutter(options);
  const decoder = new TextDecoder('utf-8');
  for await (const bytes of body) {
    yield* cutter.feed(decoder.decode(bytes, { stream: true }));
  }
  yield* cutter.feed(decoder.decode());
  cutter.end();
}

/** The same of a short text that is here already: the first record, or null where there is none. */
export function firstRecord(text: string, options: RecordOptions): string | null {
  for (const [record] of new RecordCutter(options).feed(text)) return record ?? null;
  return null;
}

/** Runs `work` over `items`, giving the loop a turn whenever a slice of time is used up. */
export async function inSlices<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (const item of items) {
    work(item);
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
}

/** What may hold anything that looks like a tag and is none, and how it ends. */
const OPAQUE: Readonly<Record<string, string>> = { '<!--': '-->', '<![CDATA[': ']]>', '<?': '?>' };
const OPAQUE_STARTS = '<!--|<!\\[CDATA\\[|<\\?';

class RecordCutter {
  readonly #options: RecordOptions;
  /** Outside of records: the next one, or the end of all. */
  readonly #start: RegExp;
  readonly #end: RegExp;
  #buffer = '';
  #inRecord = false;
  /** Up to here the buffer was searched in vain. */
  #searched = 0;
  #closed = false;

  constructor(options: RecordOptions) {
    this.#options = options;
    const name = (local: string) => `(?:[\\w.-]+:)?${local}`;
    const root = name(options.root);
    const rootEnd = `(?<close></${root}\\s*>|<${root}(?:\\s[^<>]*)?/>)`;
    this.#start = new RegExp(`${OPAQUE_STARTS}|${rootEnd}|<${name(options.record)}(?=[\\s>/])`, 'g');
    this.#end = new RegExp(`${OPAQUE_STARTS}|</${name(options.record)}\\s*>`, 'g');
  }

  *feed(text: string): Generator<readonly string[]> {
    this.#buffer += text;
    const records: string[] = [];
    for (let record = this.#next(); record !== null; record = this.#next()) records.push(record);
    if (this.#buffer.length > this.#options.longestRecord) {
      throw new DriveError('protocol', 'the server sent an XML element of absurd length');
    }
    if (records.length > 0) yield records;
  }

  end(): void {
    if (this.#inRecord || !this.#closed) throw new DriveError('protocol', 'the listing ended in the middle');
  }

  /** The next whole record; consumes it. */
  #next(): string | null {
    if (!this.#inRecord && !this.#seekStart()) return null;
    const found = this.#seek(this.#end);
    if (found === null) return null;
    const length = found.index + found[0].length;
    const record = this.#buffer.slice(0, length);
    this.#consume(length);
    this.#inRecord = false;
    return record;
  }

  #seekStart(): boolean {
    for (let found = this.#seek(this.#start); found !== null; found = this.#seek(this.#start)) {
      this.#inRecord = found.groups?.close === undefined;
      this.#consume(found.index + (this.#inRecord ? 0 : found[0].length));
      if (this.#inRecord) return true;
      this.#closed = true;
    }
    return false;
  }

  /** The next of these tags that is one. */
  #seek(tags: RegExp): RegExpExecArray | null {
    for (;;) {
      tags.lastIndex = this.#searched;
      const found = tags.exec(this.#buffer);
      if (found === null) {
        this.#searched = Math.max(this.#searched, this.#buffer.lastIndexOf('<'));
        return null;
      }
      if (!(found[0] in OPAQUE)) return found;
      if (!this.#skip(found)) return null;
    }
  }

  /** False: its end has not come yet. */
  #skip({ 0: opening, index }: RegExpExecArray): boolean {
    const closing = OPAQUE[opening]!;
    const end = this.#buffer.indexOf(closing, index + opening.length);
    this.#searched = end < 0 ? index : end + closing.length;
    return end >= 0;
  }

  #consume(length: number): void {
    this.#buffer = this.#buffer.slice(length);
    this.#searched = 0;
  }
}
