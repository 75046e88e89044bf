/**
 * `Spool` on a journal: hands each call to the part that does it, and keeps their durability. What is not in the port
 * (start, unblock, lists for people, close) is for the composer.
 */
import type { DriveItem, DrivePath, ItemId, Version } from '../drive/index.js';
import type { AbandonedUploads } from './abandoned-uploads.js';
import type { Conflict } from './conflict.js';
import type { ContentChanges } from './content-changes.js';
import type { Durability } from './durability.js';
import type { JoinedFolders } from './joined-folders.js';
import type { Journal } from './journal.js';
import type { LocalAttributes } from './local-attributes.js';
import type { NamespaceChanges } from './namespace-changes.js';
import type { OwnSteps } from './own-steps.js';
import { mayBeOwnTouch } from './own-touch.js';
import { itemRemovedRemotely } from './remote-changes.js';
import { rewritten } from './rewritten.js';
import type { SendContext } from './send-context.js';
import type { OutOfEachOther } from './send-stay.js';
import type { ServerCopies } from './server-copies.js';
import type {
  CopySource,
  Ino,
  NodeKind,
  OwedNode,
  Place,
  Replaced,
  Spool,
  SpoolEvent,
  Update,
  UpdateOptions,
  WrittenTimes,
} from './spool.js';
import type { Uploader } from './uploader.js';

export interface SpoolParts {
  readonly context: SendContext;
  readonly journal: Journal;
  readonly durability: Durability;
  readonly namespace: NamespaceChanges;
  readonly contents: ContentChanges;
  readonly copies: ServerCopies;
  readonly joined: JoinedFolders;
  readonly outOfEachOther: OutOfEachOther;
  readonly ownSteps: OwnSteps;
  readonly uploader: Uploader;
  readonly abandoned: AbandonedUploads;
  readonly listeners: Set<(event: SpoolEvent) => void>;
  readonly setQuiesce: (quiesce: (ino: Ino) => Promise<void>) => void;
  readonly quarantined: readonly string[];
  readonly unlock: () => void;
}

export class JournalledSpool implements Spool {
  readonly #parts: SpoolParts;
  readonly #context: SendContext;
  readonly ownSteps: OwnSteps;
  readonly lackingRoom: Spool['lackingRoom'];
  readonly growing: Spool['growing'];
  #isClosed = false;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#context = parts.context;
    this.ownSteps = parts.ownSteps;
    this.lackingRoom = parts.context.lackingRoom;
    this.growing = parts.context.growing;
  }

  /** Begins to send. Before the mount answers its first request, after `onBeforeSend`. */
  async start(): Promise<void> {
    await this.#parts.uploader.start();
    this.#parts.abandoned.start();
  }

  /** Somebody signed in again, or the network is back. */
  unblock(): void {
    this.#parts.uploader.unblock();
  }

  /** Files with bytes that nobody could place: kept for the user. */
  get quarantined(): readonly string[] {
    return this.#parts.quarantined;
  }

  /** Conflict copies that were neither removed nor renamed since. */
  get conflicts(): readonly Conflict[] {
    const all = [...this.#context.ledger.conflicts];
    return all.map(([copy, { original, atMs }]) => ({ copy, original, atMs }));
  }

  get standstill(): Spool['standstill'] {
    return this.#parts.uploader.standstill;
  }

  isConflictCopy(ino: Ino): boolean {
    return this.#context.ledger.conflicts.has(ino);
  }

  get statistics(): Spool['statistics'] {
    const { overlay, conflicts } = this.#context.ledger;
    return {
      owed: overlay.size - overlay.staged,
      active: this.#parts.uploader.active,
      bytesOwed: overlay.bytesOwed,
      refused: overlay.refused,
      conflicts: conflicts.size,
    };
  }

  inoOf(item: ItemId): Ino {
    return this.#context.whereabouts.inoOf(item);
  }

  itemOf(ino: Ino): ItemId | undefined {
    return this.#context.whereabouts.itemOf(ino);
  }

  bind(ino: Ino, item: ItemId): void {
    const { identities, ledger } = this.#context;
    if (identities.itemOf(ino) !== item) ledger.change({ bind: { ino, item } });
  }

  owed(ino: Ino): OwedNode | undefined {
    return this.#context.ledger.overlay.get(ino);
  }

  owedOfItem(item: ItemId): OwedNode | undefined {
    return this.#context.ledger.overlay.ofItem(item);
  }

  placedIn(parent: Ino): Iterable<OwedNode> {
    return this.#context.ledger.overlay.placedIn(parent);
  }

  placedAt(parent: Ino, name: string): OwedNode | undefined {
    return this.#context.ledger.overlay.placedAt(parent, name);
  }

  rememberedPaths(ino: Ino): Iterable<DrivePath> {
    return this.#context.whereabouts.rememberedPaths(ino);
  }

  get namesVersion(): number {
    return this.#context.ledger.overlay.namesVersion;
  }

  get version(): number {
    const { ledger, attributes, identities } = this.#context;
    return ledger.overlay.version + attributes.version + identities.version;
  }

  placedVariant(parent: Ino, name: string): OwedNode | undefined {
    return this.#context.ledger.overlay.placedVariant(parent, name);
  }

  mayHaveArrivedAt(parent: Ino, name: string): boolean {
    return this.#context.ledger.overlay.hasTriedAt(parent, name);
  }

  all(): Iterable<OwedNode> {
    return this.#context.ledger.overlay.all();
  }

  make(
    kind: NodeKind,
    place: Place,
    attributes: Partial<LocalAttributes>,
    ofParent: Partial<LocalAttributes> | null = null,
  ): OwedNode {
    this.#context.foreground.changed();
    const made = this.#parts.namespace.make(kind, place, attributes, ofParent);
    this.#changed(made.ino);
    return made;
  }

  remove(ino: Ino, item: ItemId | null, kind: NodeKind): void {
    this.#context.foreground.changed();
    this.#parts.namespace.remove(ino, item, kind);
    this.#changed();
  }

  rename(ino: Ino, item: ItemId | null, kind: NodeKind, place: Place, replaced: Replaced | null): void {
    this.#context.foreground.changed();
    this.#parts.namespace.rename(ino, item, kind, place, replaced);
    this.#changed();
  }

  beginUpdate(ino: Ino, options: UpdateOptions): Promise<Update> {
    return this.#parts.contents.begin(ino, options);
  }

  commit(ino: Ino, size: number, times: WrittenTimes | null = null): void {
    this.#context.foreground.changed();
    this.#parts.contents.commit(ino, size, times);
    this.#changed(ino);
  }

  dirty(ino: Ino): void {
    this.#parts.contents.dirty(ino);
  }

  async copyFrom(ino: Ino, source: CopySource, signal: AbortSignal): Promise<DriveItem | null> {
    const item = await this.#parts.copies.make(ino, source, signal);
    this.#changed();
    return item;
  }

  onBeforeSend(quiesce: (ino: Ino) => Promise<void>): void {
    this.#parts.setQuiesce(quiesce);
  }

  touch(ino: Ino, item: ItemId | null, modifiedMs: number): void {
    this.#context.foreground.changed();
    this.#parts.contents.touch(ino, item, modifiedMs);
    this.#changed();
  }

  attributes(ino: Ino): LocalAttributes | undefined {
    return this.#context.attributes.get(ino);
  }

  setAttributes(ino: Ino, changes: Partial<LocalAttributes>): void {
    const { attributes } = this.#context;
    const before = attributes.get(ino)?.written ?? null;
    attributes.set(ino, changes);
    if (before !== null && changes.written)
      this.rewritten(ino, before.forVersion, changes.written.forVersion);
    this.#changed();
  }

  setPinned(ino: Ino, item: ItemId | null, pinned: boolean): void {
    this.#context.attributes.set(ino, { pinned });
    if (pinned && item !== null) this.bind(ino, item);
    this.#changed();
  }

  pinnedItems(): ItemId[] {
    return this.#context.attributes.pinnedItems();
  }

  sync(ino?: Ino): Promise<void> {
    if (ino === undefined) return this.#parts.durability.sync();
    const file = this.#context.ledger.overlay.get(ino)?.content?.file;
    return this.#parts.durability.sync(file === undefined ? 'journal' : { ino, file });
  }

  settled(inos: readonly Ino[] | 'all', signal: AbortSignal): Promise<void> {
    return this.#context.settlement.settled(inos, signal);
  }

  hurry(): void {
    this.#parts.uploader.hurry();
  }

  remoteRemoved(item: ItemId, kind: DriveItem['kind'], lastPlace: Place, folder: ItemId): boolean {
    const isOwed = itemRemovedRemotely(this.#context, { item, kind, lastPlace, folder });
    if (isOwed) this.#changed();
    return isOwed;
  }

  remoteMoved(): void {
    this.#parts.outOfEachOther.moved();
  }

  remoteCame(folders: readonly ItemId[]): void {
    for (const item of folders) this.#parts.joined.came(item);
  }

  subscribe(listener: (event: SpoolEvent) => void): () => void {
    this.#parts.listeners.add(listener);
    return () => this.#parts.listeners.delete(listener);
  }

  /** Stops sending, syncs everything, and lets go of the state. What is owed stays owed. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#parts.uploader.stop();
    await this.#parts.abandoned.stop();
    await this.#context.payloads.close();
    await this.#parts.durability.close();
    this.#parts.journal.close();
    this.#parts.unlock();
  }

  isOwnStep(before: Version, item: DriveItem): boolean {
    const entry = this.#context.ledger.overlay.ofItem(item.id);
    return entry !== undefined && mayBeOwnTouch(this.#context, entry, before, item);
  }

  rewritten(ino: Ino, before: string, after: string): void {
    rewritten(this.#context, ino, before, after);
  }

  #changed(ino?: Ino): void {
    const file = ino === undefined ? undefined : this.#context.ledger.overlay.get(ino)?.content?.file;
    this.#parts.durability.changed(ino === undefined || file === undefined ? null : { ino, file });
  }
}
