/** Which library an account's short address means, as its server told once; kept beside the account's state. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../base/index.js';
import type { LibraryMemory } from '../sharepoint/index.js';

export class LibraryFile implements LibraryMemory {
  readonly #path: string;
  readonly #site: string;
  readonly #log: Log;

  /** An account that was pointed at another site asks anew. */
  constructor(stateFolder: string, site: string, log: Log) {
    this.#path = join(stateFolder, 'library.json');
    this.#site = site;
    this.#log = log;
  }

  load(): string | null {
    try {
      const { site, library } = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>;
      return site === this.#site && typeof library === 'string' && library !== '' ? library : null;
    } catch {
      return null;
    }
  }

  save(library: string): void {
    try {
      writeFileSync(this.#path, `${JSON.stringify({ site: this.#site, library })}\n`, { mode: 0o600 });
    } catch (error) {
      this.#log.debug({ error }, 'the name of the library is not kept');
    }
  }
}
