/**
 * Fills a new file that is still empty by a copy on the server, so that none of its bytes travel. Somebody waits for it,
 * and is told that it is done only when the server has the copy and the journal knows: a promise to copy later could be
 * broken by whoever changes the source meanwhile.
 */
import { DriveError, type DriveItem } from '../drive/index.js';
import type { ContentPrint } from './content-print.js';
import { isDefinite } from './entry-state.js';
import { type Operation, optionsOf, type SendContext } from './send-context.js';
import { claimsOf, type SendStep } from './send-plan.js';
import { settle } from './settling.js';
import type { CopySource, Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { Uploader } from './uploader.js';

/** A server that refused a copy is not asked for one again so soon. */
const REFUSED_FOR_MS = 10 * 60_000;

type Upload = Extract<SendStep, { kind: 'upload' }>;

export class ServerCopies {
  readonly #context: SendContext;
  readonly #uploader: Uploader;
  #notBeforeMs = 0;

  constructor(context: SendContext, uploader: Uploader) {
    this.#context = context;
    this.#uploader = uploader;
  }

  /** See `Spool.copyFrom`. */
  async make(ino: Ino, source: CopySource, signal: AbortSignal): Promise<DriveItem | null> {
    try {
      const sent = await this.#uploader.hold(ino);
      return sent === null ? await this.#make(ino, source, signal) : null;
    } finally {
      this.#uploader.release(ino);
    }
  }

  async #make(ino: Ino, source: CopySource, signal: AbortSignal): Promise<DriveItem | null> {
    const { ledger, remote, clock } = this.#context;
    const entry = ledger.overlay.get(ino);
    const from = remote.tree.pathOf(source.item);
    if (entry === undefined || from === undefined || !isNewAndEmpty(entry)) return null;
    const step = this.#context.plan.next(entry);
    if (step.kind !== 'upload' || step.over !== null || clock.now() < this.#notBeforeMs) return null;
    const claims = [...claimsOf(step, entry), { path: from, subtree: false }];
    return this.#uploader.outOfTurn.run(ino, step, claims, async (operation) => {
      const stop = () => operation.controller.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await this.#copy(operation, { entry, step, from, source });
      } catch (error) {
        if (error instanceof DriveError) this.#judge(ino, error);
        // The file was removed or renamed meanwhile; it is nobody's failure.
        if (operation.controller.signal.aborted && !signal.aborted) return null;
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    });
  }

  async #copy(operation: Operation, { entry, step, from, source }: Copy): Promise<DriveItem | null> {
    const { ledger, drive, reached, metrics } = this.#context;
    const { ino, content } = entry;
    const { generation } = content!;
    const tried = { place: step.place, generation, content: EMPTY, earlier: [], copyOf: source };
    ledger.change({ put: [{ ...entry, tried }] });
    reached('S7 attempt recorded');
    operation.phase = 'sending';
    const options = { ...optionsOf(operation), lane: 'interactive' } as const;
    const item = await drive.copy(from, step.path, { ...options, version: source.version });
    metrics.add('uploads.copied');
    await settle(this.#context, operation, {
      ...{ ino, item, place: step.place, generation, over: null },
      isCopy: true,
    });
    return item;
  }

  #judge(ino: Ino, { kind }: DriveError): void {
    const { ledger, clock } = this.#context;
    if (kind === 'protocol' || kind === 'denied') this.#notBeforeMs = clock.now() + REFUSED_FOR_MS;
    const entry = ledger.overlay.get(ino);
    if (isDefinite(kind) && entry !== undefined) ledger.change({ put: [{ ...entry, tried: null }] });
  }
}

interface Copy {
  readonly entry: SpoolEntry;
  readonly step: Upload;
  readonly from: string;
  readonly source: CopySource;
}

const EMPTY: ContentPrint = { size: 0, digest: null };

/** Nobody but us can know it, and there is nothing in it that could be lost. */
function isNewAndEmpty({ item, content, tried, removed }: SpoolEntry): boolean {
  const isUnknown = item === null && tried === null && !removed;
  return isUnknown && content !== null && content.size === 0 && content.base === 'absent';
}
