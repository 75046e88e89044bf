/**
 * How a node's bytes come to be owed. A payload is changed only between `begin` and `commit`, and never while it is
 * being sent: who begins an update stops the upload first.
 */
import { ftruncateSync } from 'node:fs';
import type { DriveItem, ItemId } from '../drive/index.js';
import { noSpace } from './disk-error.js';
import { closeQuietly, sizeOfDescriptor } from './payload-store.js';
import type { SendContext } from './send-context.js';
import type { Ino, OwedContent, Update, UpdateOptions, WrittenTimes } from './spool.js';
import { newEntry, owedAt, owesAnything, type SpoolEntry, STAGED, sameSecond } from './spool-entry.js';
import type { Uploader } from './uploader.js';

export class ContentChanges {
  readonly #context: SendContext;
  readonly #uploader: Uploader;

  constructor(context: SendContext, uploader: Uploader) {
    this.#context = context;
    this.#uploader = uploader;
  }

  async begin(ino: Ino, options: UpdateOptions): Promise<Update> {
    const { payloads, ledger } = this.#context;
    try {
      // First of all: while we waited for anything else, an upload might end, and `options` be about what was before it.
      const sent = await this.#uploader.hold(ino);
      const hasSpace = await payloads.hasSpace();
      const entry = ledger.overlay.get(ino);
      // What is truncated gives space back.
      if (!hasSpace && !(options.truncate && entry?.content)) throw noSpace('what is written here');
      if (entry?.content) return this.#beginAgain(entry, entry.content, options.truncate);
      const base = sent === null ? options.base : { version: sent.version };
      return await this.#beginFresh(ino, { ...options, base, item: sent?.id ?? options.item });
    } finally {
      this.#uploader.release(ino);
    }
  }

  commit(ino: Ino, size: number, times: WrittenTimes | null): void {
    const { ledger, clock, limits, reached } = this.#context;
    const entry = ledger.overlay.get(ino);
    if (entry?.content == null) {
      if (times !== null) this.#onlyTimes(ino, times);
      return;
    }
    const content = { ...entry.content, size };
    const restMs = size > limits.largeBytes ? limits.largeQuietMs : limits.quietMs;
    const modifiedMs = times?.modifiedMs ?? entry.modifiedMs;
    ledger.change({
      put: [{ ...entry, content, modifiedMs, state: owedAt(clock.now() + restMs) }],
      set: times === null ? [] : [{ ino, changes: times.attributes }],
    });
    reached('S6 content committed');
  }

  /** Its bytes are no longer this node's. */
  #onlyTimes(ino: Ino, { item, modifiedMs, attributes }: WrittenTimes): void {
    this.#context.attributes.set(ino, attributes);
    this.touch(ino, item, modifiedMs);
  }

  dirty(ino: Ino): void {
    const { ledger } = this.#context;
    const entry = ledger.overlay.get(ino);
    if (entry?.content == null || entry.state.kind === 'staged') return;
    this.#uploader.interrupt(ino);
    ledger.change({ put: [{ ...entry, state: STAGED, session: null }] });
  }

  touch(ino: Ino, item: ItemId | null, modifiedMs: number): void {
    const { ledger, clock, limits } = this.#context;
    const entry = ledger.overlay.get(ino) ?? this.#untouched(ino, item);
    if (entry === null || entry.removed || entry.kind === 'folder') return;
    const state = entry.state.kind === 'owed' ? owedAt(clock.now() + limits.quietMs) : entry.state;
    const next = { ...entry, modifiedMs: this.#isWorthTelling(entry, modifiedMs) ? modifiedMs : null, state };
    if (next.modifiedMs === entry.modifiedMs) return;
    if (owesAnything(next) || entry.state.kind === 'sending') ledger.change({ put: [next] });
    else ledger.change({ drop: [ino] });
  }

  /** The content that is there goes on being changed in place. */
  #beginAgain(entry: SpoolEntry, before: OwedContent, truncate: boolean): Update {
    const { payloads } = this.#context;
    const descriptor = payloads.openForUpdate(before.file);
    try {
      const generation = this.#recordAgain(entry, before);
      let size = sizeOfDescriptor(descriptor);
      // A file that was truncated is written to the disk when it is closed (ext4): not for what is empty anyway.
      if (truncate && size > 0) {
        ftruncateSync(descriptor);
        size = 0;
      }
      return { descriptor, size, generation, close: () => closeQuietly(descriptor) };
    } catch (error) {
      closeQuietly(descriptor);
      throw error;
    }
  }

  /** The generation of the content from now on. */
  #recordAgain(entry: SpoolEntry, before: OwedContent): number {
    const { ledger, identities, reached } = this.#context;
    const isNew = isJustMade(entry);
    const generation = isNew ? before.generation : identities.newGeneration();
    if (!isNew) {
      ledger.change({
        put: [{ ...entry, content: { ...before, generation }, session: null, state: STAGED }],
      });
    }
    reached('S4 update recorded');
    return generation;
  }

  async #beginFresh(ino: Ino, options: UpdateOptions): Promise<Update> {
    const { identities, payloads, reached } = this.#context;
    const generation = identities.newGeneration();
    const file = payloads.pathFor(ino, generation);
    const descriptor = payloads.createSeed(file);
    try {
      const size = options.truncate ? 0 : await options.seed(descriptor);
      reached('S3 base content copied');
      this.#record(ino, options, { file, size, generation });
      return { descriptor, size, generation, close: () => closeQuietly(descriptor) };
    } catch (error) {
      closeQuietly(descriptor);
      payloads.discardSeed(file);
      throw error;
    }
  }

  #record(ino: Ino, { item, base }: UpdateOptions, unbased: Omit<OwedContent, 'base'>): void {
    const { ledger, payloads, reached, whereabouts, ownVersions } = this.#context;
    const content = { ...unbased, base: ownVersions.newestBase(ino, base) };
    const present = ledger.overlay.get(ino);
    // Removed while its base content was copied: the bytes live as long as the descriptor.
    if (present?.removed || (present === undefined && item === null)) {
      payloads.discardSeed(content.file);
      return;
    }
    const entry = present ?? { ...newEntry(ino, 'file', STAGED), item };
    const origin = whereabouts.originOf(entry);
    ledger.change({
      put: [{ ...entry, content, origin, session: null, state: STAGED }],
      bind: whereabouts.serverParentOf(entry.item),
    });
    reached('S4 update recorded');
    payloads.adoptSeed(content.file);
    reached('S5 seed renamed');
  }

  #untouched(ino: Ino, item: ItemId | null): SpoolEntry | null {
    const { clock, limits, whereabouts } = this.#context;
    const known = this.#serverItem(item);
    if (item === null || known?.kind === 'folder') return null;
    const isSymlink = this.#context.attributes.get(ino)?.symlinkTarget != null;
    if (isSymlink) return null;
    const origin = whereabouts.serverPlaceOf(item);
    return { ...newEntry(ino, 'file', owedAt(clock.now() + limits.quietMs)), item, origin };
  }

  #isWorthTelling({ content, item }: SpoolEntry, modifiedMs: number): boolean {
    if (content !== null) return true;
    if (!this.#context.drive.capabilities.setsModified) return false;
    const known = this.#serverItem(item);
    return known === undefined || !sameSecond(known.modifiedMs, modifiedMs);
  }

  #serverItem(item: ItemId | null): DriveItem | undefined {
    return item === null ? undefined : this.#context.remote.tree.peek(item);
  }
}

/** Nobody ever owed its content, so nobody can have sent anything of it: the row says already what it would say. */
function isJustMade({ state, item, content, tried, session }: SpoolEntry): boolean {
  const isUntouched = item === null && tried === null && session === null;
  return state.kind === 'staged' && isUntouched && content?.size === 0;
}
