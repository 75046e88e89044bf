/**
 * make, remove and rename: what an operation on names does to what is owed. Each is one transaction; nothing here waits
 * or asks anybody.
 */
import type { ItemId, Version } from '../drive/index.js';
import type { Change } from './ledger.js';
import type { LocalAttributes } from './local-attributes.js';
import type { SendContext } from './send-context.js';
import {
  type Ino,
  type NodeKind,
  type OwedContent,
  type OwedState,
  type Place,
  type Replaced,
  ROOT_INO,
} from './spool.js';
import { baseOn, newEntry, owedAt, owesAnything, type SpoolEntry, STAGED, samePlace } from './spool-entry.js';
import { symlinkFile } from './symlink-file.js';
import type { Uploader } from './uploader.js';

export class NamespaceChanges {
  readonly #context: SendContext;
  readonly #uploader: Uploader;

  constructor(context: SendContext, uploader: Uploader) {
    this.#context = context;
    this.#uploader = uploader;
  }

  make(
    kind: NodeKind,
    place: Place,
    attributes: Partial<LocalAttributes>,
    ofParent: Partial<LocalAttributes> | null,
  ): SpoolEntry {
    const { identities, ledger, reached } = this.#context;
    this.#bindParent(place.parent);
    const ino = identities.newIno();
    const content = kind === 'folder' ? null : this.#firstContent(ino, attributes.symlinkTarget ?? null);
    reached('S1 payload made');
    const state = kind === 'file' ? STAGED : this.#quiet();
    const entry: SpoolEntry = { ...newEntry(ino, kind, state), place, content };
    const parent = ofParent === null ? [] : [{ ino: place.parent, changes: ofParent }];
    try {
      ledger.change({ put: [entry], set: [{ ino, changes: attributes }, ...parent] });
    } catch (error) {
      // The disk is full: nothing of it was made.
      if (content !== null) this.#context.payloads.discard(content.file);
      throw error;
    }
    reached('S2 node recorded');
    return entry;
  }

  remove(ino: Ino, item: ItemId | null, kind: NodeKind): void {
    const { ledger, whereabouts, reached } = this.#context;
    const entry = ledger.overlay.get(ino);
    const origin = this.#originOf(entry, item);
    const parent = entry?.place?.parent ?? origin?.parent;
    if (parent !== undefined) this.#uploader.removedIn(parent, whereabouts.above(parent));
    ledger.resolveConflict(ino);
    const change = this.#removal({ ino, item, kind, version: null });
    ledger.change(change);
    reached('S14 removal recorded');
    this.#discard(entry, change);
  }

  rename(ino: Ino, item: ItemId | null, kind: NodeKind, place: Place, replaced: Replaced | null): void {
    const { ledger, reached } = this.#context;
    this.#bindParent(place.parent);
    const entry = ledger.overlay.get(ino) ?? this.#untouched(ino, item, kind);
    const before = replaced === null ? undefined : ledger.overlay.get(replaced.ino);
    ledger.resolveConflict(ino);
    const change =
      replaced !== null && this.#canTakeOver(entry, replaced, before)
        ? this.#takeOver(entry, place, replaced, before)
        : join(this.#moved(entry, place), replaced === null ? {} : this.#removal(replaced));
    ledger.change(change);
    reached('S12 rename recorded');
    if (replaced !== null) this.#discard(before, change);
    reached('S13 replaced payload discarded');
  }

  /** Whoever has something placed in it is found by its ino, also when nothing is owed for it any more. */
  #bindParent(parent: Ino): void {
    const { identities, ledger, whereabouts } = this.#context;
    if (parent === ROOT_INO || identities.itemOf(parent) !== undefined) return;
    const item = whereabouts.itemOf(parent);
    if (item !== undefined) ledger.change({ bind: { ino: parent, item } });
  }

  #firstContent(ino: Ino, symlinkTarget: string | null): OwedContent {
    const { identities, payloads } = this.#context;
    const generation = identities.newGeneration();
    const file = payloads.pathFor(ino, generation);
    const bytes = symlinkTarget === null ? new Uint8Array() : symlinkFile(symlinkTarget);
    payloads.create(file, bytes);
    return { file, size: bytes.length, base: 'absent', generation };
  }

  /** What removing a node leaves owed: nothing for one that the server never had. */
  #removal({ ino, item, kind, version }: Replaced): Change {
    const { ledger, limits, clock } = this.#context;
    const entry = ledger.overlay.get(ino) ?? this.#untouched(ino, item, kind);
    this.#uploader.interrupt(ino);
    if (entry.item === null && entry.tried === null) return { drop: [ino] };
    const removed: SpoolEntry = {
      ...entry,
      removed: true,
      place: null,
      content: null,
      modifiedMs: null,
      origin: this.#originOf(entry, entry.item),
      removedVersion: this.#versionOf(entry) ?? version,
      session: null,
      sent: null,
      state: entry.state.kind === 'sending' ? entry.state : owedAt(clock.now() + limits.deleteQuietMs),
    };
    return { put: [removed] };
  }

  /** The moved node's bytes become the next version of the item that it replaces (semantics: Consistency). */
  #canTakeOver(entry: SpoolEntry, replaced: Replaced, before: SpoolEntry | undefined): boolean {
    if (replaced.item === null || replaced.kind === 'folder' || before?.removed) return false;
    return entry.item === null && entry.content !== null && entry.tried === null && before?.sent == null;
  }

  #takeOver(entry: SpoolEntry, place: Place, replaced: Replaced, before: SpoolEntry | undefined): Change {
    const { whereabouts } = this.#context;
    this.#uploader.interrupt(replaced.ino);
    const item = replaced.item!;
    const base = before?.content?.base ?? baseOn(replaced.version);
    const isThere = before?.place == null;
    const next: SpoolEntry = {
      ...entry,
      item,
      place: isThere ? null : place,
      origin: before?.origin ?? whereabouts.serverPlaceOf(item) ?? place,
      content: { ...entry.content!, base },
      tried: before?.tried ?? null,
      touched: before?.touched ?? null,
      state: this.#rested(entry.state),
    };
    return { put: [next], drop: [replaced.ino], unbind: [replaced.ino], bind: { ino: entry.ino, item } };
  }

  #moved(entry: SpoolEntry, place: Place): Change {
    const origin = this.#originOf(entry, entry.item);
    // A move that is under way, or may have been made, takes it elsewhere first.
    const mayBeElsewhere = this.#uploader.stepOf(entry.ino) !== null || entry.touched !== null;
    const isBack = entry.item !== null && samePlace(origin, place) && !mayBeElsewhere;
    const next: SpoolEntry = {
      ...entry,
      place: isBack ? null : place,
      origin,
      state: this.#rested(entry.state),
    };
    if (!owesAnything(next) && entry.state.kind !== 'sending') return { drop: [entry.ino] };
    return { put: [next], bind: isBack ? null : this.#rememberedAt(entry) };
  }

  /** Where it is on the server, for when the cache is thrown away: under its new name nobody would find it there. */
  #rememberedAt({ ino, item }: SpoolEntry): NonNullable<Change['bind']> | null {
    const path = item === null ? undefined : this.#context.remote.tree.pathOf(item);
    return item === null || path === undefined ? null : { ino, item, path };
  }

  #untouched(ino: Ino, item: ItemId | null, kind: NodeKind): SpoolEntry {
    return { ...newEntry(ino, kind, this.#quiet()), item };
  }

  #originOf(entry: SpoolEntry | undefined, item: ItemId | null): Place | null {
    const { whereabouts } = this.#context;
    if (entry !== undefined) return whereabouts.originOf(entry);
    return item === null ? null : whereabouts.serverPlaceOf(item);
  }

  #versionOf({ item, content }: SpoolEntry): Version | null {
    if (typeof content?.base === 'object') return content.base.version;
    return (item === null ? undefined : this.#context.remote.tree.peek(item)?.version) ?? null;
  }

  /** A name that changed lets the node rest anew; one that is being written, or sent, goes on. */
  #rested(state: OwedState): OwedState {
    return state.kind === 'staged' || state.kind === 'sending' ? state : this.#quiet();
  }

  #quiet(): OwedState {
    const { clock, limits } = this.#context;
    return owedAt(clock.now() + limits.quietMs);
  }

  /** Deletes what nobody owes any more, once the journal says so. */
  #discard(before: SpoolEntry | undefined, { drop = [] }: Change): void {
    if (before === undefined) return;
    if (before.content !== null) this.#context.payloads.discard(before.content.file);
    if (drop.includes(before.ino)) this.#context.attributes.forget(before.ino);
  }
}

function join(one: Change, other: Change): Change {
  return {
    ...one,
    put: [...(one.put ?? []), ...(other.put ?? [])],
    drop: [...(one.drop ?? []), ...(other.drop ?? [])],
  };
}
