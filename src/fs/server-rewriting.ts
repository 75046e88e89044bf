import type { Clock } from '../base/index.js';
import type { DriveItem, ItemId } from '../drive/index.js';
import { hasRewrittenSize, mayBeRewritten, type Written } from '../spool/index.js';

/** How long after our upload the server's own rewriting may come. */
const WINDOW_MS = 60_000;
/** How many uploads are remembered. */
const REMEMBERED_UPLOADS = 4096;

interface Upload {
  readonly version: string;
  readonly atMs: number;
}

/**
 * Tells the server's own rewriting of what we uploaded from somebody else's edit: the first change of an Office, PDF or
 * HTML file within a minute after our upload, that did not make it smaller. Erring on the side of "somebody else" costs a
 * download, or a copy beside it, never bytes.
 */
export class ServerRewriting {
  readonly #clock: Clock;
  readonly #uploads = new Map<ItemId, Upload>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Another version of what the server may rewrite. */
  concerns(before: DriveItem, item: DriveItem): boolean {
    return before.version !== item.version && mayBeRewritten(item.name);
  }

  /** What there is to remember of it, where it may be rewritten. */
  uploaded(item: DriveItem): { readonly sentAtMs?: number } {
    this.#uploads.delete(item.id);
    if (!mayBeRewritten(item.name)) return {};
    const atMs = this.#clock.now();
    this.#uploads.set(item.id, { version: item.version, atMs });
    if (this.#uploads.size > REMEMBERED_UPLOADS) this.#uploads.delete(this.#uploads.keys().next().value!);
    return { sentAtMs: atMs };
  }

  /**
   * True when the change from `before` to `item` is the server's doing. News of the same version tell of no rewriting: the
   * answer to an upload does not say when the file was created, which is learnt later. `written`: what is known of `before` from
   * before a restart.
   */
  explains(before: DriveItem, item: DriveItem, written: Written | null = null): boolean {
    if (item.version === before.version) return false;
    const upload = this.#uploads.get(item.id) ?? uploadOf(written);
    if (upload === undefined || upload.version !== before.version) return false;
    this.#uploads.delete(item.id);
    if (!hasRewrittenSize(before.size, item)) return false;
    const isSoon = this.#clock.now() - upload.atMs <= WINDOW_MS;
    const isOfThen = item.modifiedMs - upload.atMs <= WINDOW_MS && item.modifiedMs >= before.modifiedMs;
    return isSoon || isOfThen;
  }
}

function uploadOf(written: Written | null): Upload | undefined {
  if (written?.sentAtMs === undefined) return undefined;
  return { version: written.forVersion, atMs: written.sentAtMs };
}
