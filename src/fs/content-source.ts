/**
 * A file's bytes from the server, from wherever it is by now: a folder above it may move while they are asked for, by us
 * or by others, and then the server has nothing at the path that was known a moment ago. Nor does a server that lags show
 * at once what we have just had made there. And what we moved, or told a time, has the same bytes in another version.
 */
import type { ByteRange, Clock } from '../base/index.js';
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

/**
 * What others wrote may not be had for some seconds where another front end, or the change log, told of it (protocol notes
 * 5.2.6).
 */
const LAG_PAUSES_MS = [100, 200, 400, 800, 1600];

/**
 * A network that went away so lately may be back at once: a server that is started anew, a laptop between two access points. Who
 * is in the middle of reading is not told before that. Later nobody waits for it.
 */
const SHORT_OUTAGE_MS = 5_000;
const OUTAGE_LOOK_MS = 500;

/** What we have the server do to a file that leaves its bytes as they are. */
export interface OwnSteps {
  /** Resolves when no move of ours that takes along what is at `path` is under way. */
  moved(path: DrivePath, signal: AbortSignal): Promise<void>;
  /** The newest version that is known to have the same bytes. */
  newestVersion(item: ItemId, version: Version): Version;
  /** The version with the same bytes that the server has instead; null: if it has another one, that is none of ours. */
  versionInstead(item: ItemId, version: Version, options: RequestOptions): Promise<Version | null>;
}

const NONE: OwnSteps = {
  moved: () => Promise.resolve(),
  newestVersion: (_, version) => version,
  versionInstead: () => Promise.resolve(null),
};

export class ContentSource {
  readonly #drive: Pick<Drive, 'read'>;
  readonly #tree: Pick<RemoteTree, 'pathOf' | 'refresh' | 'peek' | 'mayLag'>;
  readonly #clock: Pick<Clock, 'sleep' | 'now'>;
  readonly #awaySinceMs: () => number | null;
  /** The spool is made after the caches; until then nothing of ours moves. */
  ownSteps: OwnSteps = NONE;

  /** `awaySinceMs`: since when the network counts as gone, wall clock; null: it does not. */
  constructor(
    drive: Pick<Drive, 'read'>,
    tree: Pick<RemoteTree, 'pathOf' | 'refresh' | 'peek' | 'mayLag'>,
    clock: Pick<Clock, 'sleep' | 'now'>,
    awaySinceMs: () => number | null = () => null,
  ) {
    this.#drive = drive;
    this.#tree = tree;
    this.#clock = clock;
    this.#awaySinceMs = awaySinceMs;
  }

  /** `range` null: all of it. Throws DriveError `absent` when the server has the item nowhere, `changed` for another version. */
  async read(
    item: ItemId,
    version: Version,
    range: ByteRange | null,
    options: RequestOptions,
  ): Promise<ContentStream> {
    let asked = this.ownSteps.newestVersion(item, version);
    const pauses = [...LAG_PAUSES_MS];
    let failedAtMs = Number.POSITIVE_INFINITY;
    for (let attempt = 1; ; attempt += 1) {
      const path = this.#tree.pathOf(item);
      if (path === undefined) throw new DriveError('absent', 'nobody knows where this file is any more');
      try {
        const stream = await this.#drive.read(path, { version: asked, ...options, ...(range && { range }) });
        return stream.version === asked ? { ...stream, version } : stream;
      } catch (error) {
        if (!(error instanceof DriveError)) throw error;
        if (error.kind === 'unreachable') {
          failedAtMs = Math.min(failedAtMs, this.#clock.now());
          if (!(await this.#mayBeBack(failedAtMs, options))) throw error;
          attempt -= 1;
        } else if (await this.#mayCome(item, asked, error, pauses, options)) attempt -= 1;
        else if (attempt >= MOST_ATTEMPTS) throw error;
        else if (error.kind === 'changed') asked = await this.#instead(item, asked, options, error);
        else if (error.kind !== 'absent' || !(await this.#isSomewhere(item, path, options))) throw error;
        else if (await this.#mayBeShown(item, path, pauses, options)) attempt -= 1;
      }
    }
  }

  /** True after a pause: the network went away a moment ago. */
  async #mayBeBack(failedAtMs: number, { lane, signal }: RequestOptions): Promise<boolean> {
    const sinceMs = Math.min(failedAtMs, this.#awaySinceMs() ?? failedAtMs);
    if (lane !== 'interactive' || this.#clock.now() - sinceMs >= SHORT_OUTAGE_MS) return false;
    await this.#clock.sleep(OUTAGE_LOOK_MS, signal);
    return true;
  }

  /** True after a pause: the front end that was asked lags behind the change log, and will have this version. */
  async #mayCome(
    item: ItemId,
    version: Version,
    { kind }: DriveError,
    pauses: number[],
    options: RequestOptions,
  ): Promise<boolean> {
    const isNewest = () => this.#tree.peek(item)?.version === version;
    if (kind !== 'changed' || !this.#tree.mayLag(item) || !isNewest()) return false;
    const pauseMs = pauses.shift();
    if (pauseMs === undefined) return false;
    // Or it is newer still.
    await this.#tree.refresh(item, { ...options, maxAgeMs: 0 });
    if (isNewest()) await this.#clock.sleep(pauseMs, options.signal);
    return isNewest();
  }

  /** True after a pause: another front end has it at that very path, and the one that was asked will show it. */
  async #mayBeShown(
    item: ItemId,
    path: DrivePath,
    pauses: number[],
    { signal }: RequestOptions,
  ): Promise<boolean> {
    const pauseMs = this.#tree.pathOf(item) === path ? pauses.shift() : undefined;
    if (pauseMs === undefined) return false;
    await this.#clock.sleep(pauseMs, signal);
    return true;
  }

  /** The same bytes in the version that they have by now. */
  async #instead(
    item: ItemId,
    version: Version,
    options: RequestOptions,
    changed: DriveError,
  ): Promise<Version> {
    const instead = await this.ownSteps.versionInstead(item, version, options);
    if (instead === null) throw changed;
    return instead;
  }

  /** Elsewhere, or at that path after all: a server that lags shows a little later what it has. */
  async #isSomewhere(item: ItemId, path: DrivePath, options: RequestOptions): Promise<boolean> {
    await this.ownSteps.moved(path, options.signal);
    if (this.#tree.pathOf(item) !== path) return true;
    return (await this.#tree.refresh(item, { ...options, maxAgeMs: 0 })) !== null;
  }
}
