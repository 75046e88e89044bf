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

class RecordCutter {
  readonly #options: RecordOptions;
  readonly #start: RegExp;
  readonly #end: RegExp;
  readonly #rootEnd: RegExp;
  readonly #emptyRoot: RegExp;
  #buffer = '';
  #inRecord = false;
  /** Up to here the buffer was searched in vain. */
  #searched = 0;
  #closed = false;

  constructor(options: RecordOptions) {
    this.#options = options;
    const name = (local: string) => `(?:[\\w.-]+:)?${local}`;
    this.#start = new RegExp(`<${name(options.record)}(?=[\\s>/])`, 'g');
    this.#end = new RegExp(`</${name(options.record)}\\s*>`, 'g');
    this.#rootEnd = new RegExp(`</${name(options.root)}\\s*>`);
    this.#emptyRoot = new RegExp(`<${name(options.root)}(\\s[^<>]*)?/>`);
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
    const whole = this.#rootEnd.test(this.#buffer) || this.#emptyRoot.test(this.#buffer);
    if (this.#inRecord || !(whole || this.#closed)) {
      throw new DriveError('protocol', 'the listing ended in the middle');
    }
  }

  /** The next whole record; consumes it. */
  #next(): string | null {
    if (!this.#inRecord && !this.#seekStart()) return null;
    this.#end.lastIndex = this.#searched;
    for (let found = this.#end.exec(this.#buffer); found !== null; found = this.#end.exec(this.#buffer)) {
      const record = this.#buffer.slice(0, this.#end.lastIndex);
      if (!endsInCdata(record)) {
        this.#consume(this.#end.lastIndex);
        this.#inRecord = false;
        return record;
      }
    }
    // the end tag may be cut in two by the border between pieces
    this.#searched = Math.max(0, this.#buffer.length - 64);
    return null;
  }

  #seekStart(): boolean {
    this.#start.lastIndex = 0;
    const found = this.#start.exec(this.#buffer);
    if (found === null) {
      this.#closed ||= this.#rootEnd.test(this.#buffer) || this.#emptyRoot.test(this.#buffer);
      return false;
    }
    this.#consume(found.index);
    this.#inRecord = true;
    return true;
  }

  #consume(length: number): void {
    this.#buffer = this.#buffer.slice(length);
    this.#searched = 0;
  }
}

function endsInCdata(record: string): boolean {
  return record.lastIndexOf('<![CDATA[') > record.lastIndexOf(']]>');
}
