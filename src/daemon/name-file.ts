/** The names that no rule can show, kept beside the tree that shows them: one JSON pair a line. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../base/index.js';
import type { NameMemory } from '../sharepoint/index.js';

const NAME_FILE = 'names.jsonl';

export class NameFile implements NameMemory {
  readonly #path: string;
  readonly #log: Log;

  constructor(cacheFolder: string, log: Log) {
    this.#path = join(cacheFolder, NAME_FILE);
    this.#log = log;
  }

  *load(): Iterable<readonly [string, string]> {
    for (const line of this.#text().split('\n')) {
      const pair = pairIn(line);
      if (pair !== null) yield pair;
    }
  }

  add(shown: string, wireName: string): void {
    try {
      appendFileSync(this.#path, `${JSON.stringify([shown, wireName])}\n`, { mode: 0o600 });
    } catch (error) {
      this.#log.debug({ error }, 'a shown name is not kept');
    }
  }

  /** Nothing where there is no such file: every listing brings its names again. */
  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return '';
    }
  }
}

/** A line that a crash cut off is none. */
function pairIn(line: string): [string, string] | null {
  try {
    const value: unknown = JSON.parse(line);
    const isPair =
      Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
    return isPair ? (value as [string, string]) : null;
  } catch {
    return null;
  }
}
