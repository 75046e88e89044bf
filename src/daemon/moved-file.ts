/** Who the moved folders of a server without ids are, beside the identities that go by that: JSON pairs. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../base/index.js';
import type { MovedMemory } from '../sharepoint/index.js';
import { readKept, replaceKept } from './kept-json.js';

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
    return movedFile.safeParse(readKept(this.#path)).data?.ids ?? [];
  }

  save(ids: Iterable<readonly [string, string]>): void {
    try {
      replaceKept(this.#path, { format: 1, ids: [...ids] });
    } catch (error) {
      this.#log.debug({ error }, 'who the moved folders are is not kept');
    }
  }
}
