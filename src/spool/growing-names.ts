/**
 * Under which names new files of ours grow on the server, beside their places, or grew until nobody went on with them. As
 * long as this process knows them nobody is shown them, and they keep no folder from being removed.
 */
import type { DrivePath, UploadSession } from '../drive/index.js';
import type { Ino } from './spool.js';
import type { Whereabouts } from './whereabouts.js';

/** A session with the folder in which it was begun, which may be elsewhere by now; absent in those of an earlier make. */
export interface OwedSession extends UploadSession {
  readonly parent?: Ino;
}

/** The oldest of more are shown, should they still be there. */
const MOST_NAMES = 10_000;

export class GrowingNames {
  readonly #names = new Set<string>();

  add({ growsAs }: UploadSession): void {
    if (growsAs === undefined) return;
    this.#names.add(growsAs);
    if (this.#names.size > MOST_NAMES) this.#names.delete(this.#names.values().next().value ?? '');
  }

  /** It can't be taken away: whoever finds it there may. */
  show({ growsAs }: UploadSession): void {
    this.#names.delete(growsAs ?? '');
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}

/** The session as the drive takes it: with where its folder is now. */
export function sessionNow({ parent, ...session }: OwedSession, whereabouts: Whereabouts): UploadSession {
  const folder: DrivePath | undefined = parent === undefined ? undefined : whereabouts.folderPath(parent);
  return folder === undefined ? session : { ...session, folder };
}
