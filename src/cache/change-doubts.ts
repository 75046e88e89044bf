/**
 * What a change log said against newer truth of ours. It may have been newer still, and it will not be said again: the
 * items are asked for, where the tree shows them and where the log put them, until one of both is sure.
 */
import {
  absentAsNull,
  type DrivePath,
  type ItemId,
  type PlacedItem,
  type RequestOptions,
} from '../drive/index.js';
import { holdsDoubted } from './doubted-place.js';
import type { QuestionParts } from './drive-answers.js';
import type { NameIn } from './note-move.js';
import { PageFrame } from './page-frame.js';
import type { PathResolver } from './path-resolver.js';
import { PathWriter } from './path-writer.js';
import type { Answer } from './recent-truth.js';
import { isPlaced, pathIn, pathOf } from './tree-paths.js';
import { TreeWriter } from './tree-writer.js';

/** Looked at after one round of changes. */
const MOST_DOUBTS = 200;

interface Found {
  readonly id: ItemId;
  /** Where the tree showed it when it was asked for. */
  readonly shownAt: DrivePath | null;
  /** Null: neither there nor where the log put it. */
  readonly placed: PlacedItem | null;
  /** It may have been where the log put it, in a folder that was elsewhere when the server looked. */
  readonly isElsewhere: boolean;
}

export class ChangeDoubts {
  readonly #parts: QuestionParts;
  readonly #resolver: PathResolver;
  /** Where the log may have put them; nowhere: it said that they are gone. */
  readonly #saidAt = new Map<ItemId, readonly DrivePath[]>();
  /** The log said that they are somewhere. */
  readonly #somewhere = new Set<ItemId>();
  /** The log said that they are there, and they are not any more: it will tell what became of them. */
  readonly #inVain = new Set<ItemId>();
  readonly #onLost: () => void;

  /** `onLost`: an item can't be found where it may be, or there are too many to look for each. */
  constructor(parts: QuestionParts, resolver: PathResolver, onLost: () => void) {
    this.#parts = parts;
    this.#resolver = resolver;
    this.#onLost = onLost;
  }

  /** `place`: the same as the tree has it. */
  add(id: ItemId, saidAt: readonly DrivePath[], place: NameIn | null = null): void {
    const { doubted } = this.#parts;
    const isRoom = this.#saidAt.has(id) || this.#saidAt.size < MOST_DOUBTS;
    this.#resolved(id);
    if (isRoom) this.#saidAt.set(id, saidAt);
    else this.#onLost();
    if (isRoom && place !== null) doubted.set(id, place);
  }

  addSomewhere(id: ItemId): void {
    this.add(id, []);
    if (this.#saidAt.has(id)) this.#somewhere.add(id);
  }

  get any(): boolean {
    return this.#saidAt.size > 0;
  }

  /** All of them at once, as far as there is room for requests; what they find is stored together. */
  async resolve(options: RequestOptions): Promise<void> {
    const { recent, changes } = this.#parts;
    if (this.#saidAt.size === 0) return;
    await recent.asking(async (answer) => {
      const frame = new PageFrame(this.#parts);
      const looks = [...this.#saidAt].map(([id, saidAt]) => this.#look(id, saidAt, options));
      const outcomes = await Promise.allSettled(looks);
      this.#store(
        outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
        answer,
        frame,
      );
      changes.tell();
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    });
  }

  async #look(id: ItemId, saidAt: readonly DrivePath[], options: RequestOptions): Promise<Found> {
    const { drive, clock, folderMoves } = this.#parts;
    const shownAt = this.#shownAt(id);
    const askedAtMs = clock.monotonic();
    for (const path of new Set([shownAt, this.#placedAt(id), ...saidAt])) {
      if (path === null) continue;
      const item = await absentAsNull(drive.stat(path, options));
      if (item?.id === id) return { id, shownAt, placed: { path, item }, isElsewhere: false };
    }
    const mayBe = (path: DrivePath) => folderMoves.isUnderWay(path) || folderMoves.concern(path, askedAtMs);
    return { id, shownAt, placed: null, isElsewhere: saidAt.some(mayBe) };
  }

  /** What became otherwise while it was asked for stays in doubt. One of them may have taken the place of another. */
  #store(found: readonly Found[], answer: Answer, frame: PageFrame): void {
    const { store, recent } = this.#parts;
    const current = found.filter(
      ({ id, shownAt }) => this.#shownAt(id) === shownAt && !recent.isNewer(id, answer),
    );
    const writer = new TreeWriter(this.#parts, answer);
    frame.arrived(found.flatMap(({ placed }) => placed ?? []));
    store.database.transaction(() => {
      for (const one of current) if (this.#isStored(one, writer, frame)) this.#resolved(one.id);
      writer.settle();
    })();
  }

  #isStored({ id, shownAt, placed, isElsewhere }: Found, writer: TreeWriter, frame: PageFrame): boolean {
    const { store, recent, folderMoves } = this.#parts;
    if (placed !== null) {
      const placing = new PathWriter(writer, this.#resolver).place(placed, frame);
      this.#resolver.forget();
      return placing === 'stored';
    }
    const entry = store.byId(id);
    if (!isPlaced(entry)) {
      if (isElsewhere) this.#onLost();
      return true;
    }
    if (recent.isOwn(id) || folderMoves.isUnderWay(shownAt) || holdsDoubted(this.#parts, entry)) return false;
    const isSaidToBe = this.#somewhere.has(id) || (this.#saidAt.get(id)?.length ?? 0) > 0;
    if (!isSaidToBe) writer.remove(entry);
    else if (this.#somewhere.has(id) || this.#inVain.has(id)) this.#onLost();
    else {
      this.#inVain.add(id);
      return false;
    }
    return true;
  }

  #resolved(id: ItemId): void {
    this.#saidAt.delete(id);
    this.#somewhere.delete(id);
    this.#inVain.delete(id);
    this.#parts.doubted.delete(id);
  }

  /** Where what the log said is by now. */
  #placedAt(id: ItemId): DrivePath | null {
    const { store, doubted } = this.#parts;
    const place = doubted.get(id);
    return (place && pathIn(store, place.parent, place.name)) ?? null;
  }

  /** Null: nowhere. */
  #shownAt(id: ItemId): DrivePath | null {
    const { store } = this.#parts;
    const entry = store.byId(id);
    return (isPlaced(entry) ? pathOf(store, entry) : null) ?? null;
  }
}
