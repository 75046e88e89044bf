/**
 * What an account's server told once, a word each, kept beside the account's state: which library its short address means,
 * and which item is at the top of it. With them a mount begins without the server, also where the cache was thrown away.
 */
import { join } from 'node:path';
import type { Log } from '../base/index.js';
import { readKept, replaceKept } from './kept-json.js';

export class ToldByServer {
  readonly #what: 'library' | 'root';
  readonly #path: string;
  readonly #site: string;
  readonly #log: Log;

  /** An account that was pointed at another site asks anew. */
  constructor(what: 'library' | 'root', stateFolder: string, site: string, log: Log) {
    this.#what = what;
    this.#path = join(stateFolder, `${what}.json`);
    this.#site = site;
    this.#log = log;
  }

  load(): string | null {
    const told = readKept(this.#path) as Record<string, unknown> | null | undefined;
    const word = told?.[this.#what];
    return told?.site === this.#site && typeof word === 'string' && word !== '' ? word : null;
  }

  save(word: string): void {
    if (word === this.load()) return;
    try {
      replaceKept(this.#path, { site: this.#site, [this.#what]: word });
    } catch (error) {
      this.#log.debug({ error, what: this.#what }, 'what the server told is not kept');
    }
  }
}
