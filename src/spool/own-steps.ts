/**
 * For whoever reads what the server has: steps of ours that change where a file is, or which version it has, and leave its
 * bytes as they are. The server may have done one whose answer is still on its way, or lost.
 */
import type { DrivePath, ItemId, RequestOptions, Version } from '../drive/index.js';
import { isOwnTouch } from './own-touch.js';
import type { SendContext } from './send-context.js';
import { versionsOf } from './touched.js';
import type { UnderWay } from './under-way.js';

export class OwnSteps {
  readonly #context: SendContext;
  readonly #uploader: Pick<UnderWay, 'moved'>;

  constructor(context: SendContext, uploader: Pick<UnderWay, 'moved'>) {
    this.#context = context;
    this.#uploader = uploader;
  }

  /** Resolves when no move that takes along what the server has at `path` is under way; rejects with the signal's reason. */
  moved(path: DrivePath, signal: AbortSignal): Promise<void> {
    return this.#uploader.moved(path, signal);
  }

  /** The newest version that is known to have the same bytes. */
  newestVersion(item: ItemId, version: Version): Version {
    const { ownVersions, whereabouts } = this.#context;
    return ownVersions.newest(whereabouts.inoOf(item), version);
  }

  /**
   * The version with the same bytes that the server has instead of this one; null: it is none of ours. Asks the server
   * only where an attempt without a known outcome may have led to another version.
   */
  async versionInstead(item: ItemId, version: Version, options: RequestOptions): Promise<Version | null> {
    const newest = this.newestVersion(item, version);
    if (newest !== version) return newest;
    const { ledger, ownVersions, remote, whereabouts } = this.#context;
    const attempt = ledger.overlay.ofItem(item);
    if (attempt?.touched == null || !versionsOf(attempt.touched).includes(version)) return null;
    const there = await remote.tree.refresh(item, { ...options, maxAgeMs: 0 });
    if (there === null || there.version === version) return null;
    // The answer may have come while we asked.
    if (this.newestVersion(item, version) === there.version) return there.version;
    const path = remote.tree.pathOf(item);
    if (path === undefined) return null;
    let isOurs = false;
    for (const entry of [attempt, ledger.overlay.ofItem(item)])
      isOurs ||=
        entry !== undefined &&
        (await isOwnTouch(this.#context, options, entry, version, { path, item: there }));
    if (!isOurs) return null;
    ownVersions.add(whereabouts.inoOf(item), version, there.version);
    return there.version;
  }
}
