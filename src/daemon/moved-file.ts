/** Who the moved folders of a server without ids are, beside the identities that go by that: JSON pairs. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../base/index.js';
import type { MovedMemory } from '../sharepoint/index.js';

const movedFile = z.object({ format: z.literal(1), ids: z.array(z.tuple([z.string(), z.string()])) });

export class MovedFile implements MovedMemory {
  readonly #path: string;
  readonly #log: Log;

  constructor(stateFolder: string, log: Log) {
    this.#path = join(stateFolder, 'moved-folders.json');
    this.#log = log;
  }

  /** Nothing where there is no such file: no folder was moved, or they count as moved by somebody else. */
  load(): readonly (readonly [string, string])[] {
    try {
      return movedFile.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).ids;
    } catch {
      return [];
    }
  }

  save(ids: Iterable<readonly [string, string]>): void {
    try {
      const text = JSON.stringify({ format: 1, ids: [...ids] });
      writeFileSync(`${this.#path}.new`, `${text}\n`, { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#log.debug({ error }, 'who the moved folders are is not kept');
    }
  }
}
