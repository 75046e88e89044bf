/**
 * A file's bytes from the server, from wherever it is by now: a folder above it may move while they are asked for, by us
 * or by others, and then the server has nothing at the path that was known a moment ago. Nor does a server that lags show
 * at once what we have just had made there.
 */
import type { ByteRange } from '../base/index.js';
import type { RemoteTree } from '../cache/index.js';
import {
  type ContentStream,
  type Drive,
  DriveError,
  type DrivePath,
  type ItemId,
  type RequestOptions,
  type Version,
} from '../drive/index.js';

/** So often one file is asked for, where it is by then, before it counts as gone. */
const MOST_ATTEMPTS = 4;

/** Resolves when no move of ours that takes along what is at `path` is under way. */
export type AwaitMove = (path: DrivePath, signal: AbortSignal) => Promise<void>;

export class ContentSource {
  readonly #drive: Pick<Drive, 'read'>;
  readonly #tree: Pick<RemoteTree, 'pathOf' | 'refresh'>;
  /** The spool is made after the caches; until then nothing of ours moves. */
  awaitMove: AwaitMove = () => Promise.resolve();

  constructor(drive: Pick<Drive, 'read'>, tree: Pick<RemoteTree, 'pathOf' | 'refresh'>) {
    this.#drive = drive;
    this.#tree = tree;
  }

  /** `range` null: all of it. Throws DriveError `absent` when the server has the item nowhere, `changed` for another version. */
  async read(
    item: ItemId,
    version: Version,
    range: ByteRange | null,
    options: RequestOptions,
  ): Promise<ContentStream> {
    for (let attempt = 1; ; attempt += 1) {
      const path = this.#tree.pathOf(item);
      if (path === undefined) throw new DriveError('absent', 'nobody knows where this file is any more');
      try {
        return await this.#drive.read(path, { version, ...options, ...(range && { range }) });
      } catch (error) {
        if (!(error instanceof DriveError) || error.kind !== 'absent' || attempt === MOST_ATTEMPTS)
          throw error;
        if (!(await this.#isSomewhere(item, path, options))) throw error;
      }
    }
  }

  /** Elsewhere, or at that path after all: a server that lags shows a little later what it has. */
  async #isSomewhere(item: ItemId, path: DrivePath, options: RequestOptions): Promise<boolean> {
    await this.awaitMove(path, options.signal);
    if (this.#tree.pathOf(item) !== path) return true;
    return (await this.#tree.refresh(item, { ...options, maxAgeMs: 0 })) !== null;
  }
}
