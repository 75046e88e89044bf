/**
 * Journal and overlay as one: a change is durable first and visible then, in one synchronous step, and whoever listens
 * hears of it afterwards. Nobody else writes to either of the two.
 */
import type { DrivePath, ItemId } from '../drive/index.js';
import type { OwedSession } from './growing-names.js';
import type { Identities } from './identities.js';
import type { Journal } from './journal.js';
import type { LocalAttributeStore } from './local-attribute-store.js';
import type { LocalAttributes } from './local-attributes.js';
import { Overlay } from './overlay.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';

export interface Change {
  readonly put?: readonly SpoolEntry[];
  readonly drop?: readonly Ino[];
  /** `path`: where we have just moved the item, which the tree hears of later. */
  readonly bind?: { readonly ino: Ino; readonly item: ItemId; readonly path?: DrivePath } | null;
  /** Nodes that no longer have an item. */
  readonly unbind?: readonly Ino[];
  readonly conflict?: { readonly copy: Ino; readonly original: Ino; readonly atMs: number };
  /** The drive says how the upload stands: whatever it went on from before is its own business. */
  readonly isSessionOver?: boolean;
  /** What is set here of nodes, with all the rest or not at all. */
  readonly set?: readonly { readonly ino: Ino; readonly changes: Partial<LocalAttributes> }[];
}

export interface LedgerParts {
  readonly journal: Journal;
  readonly identities: Identities;
  readonly attributes: LocalAttributeStore;
}

export class Ledger {
  readonly overlay = new Overlay();
  readonly #journal: Journal;
  readonly #identities: Identities;
  readonly #attributes: LocalAttributeStore;
  readonly #pathOf: (item: ItemId) => DrivePath | undefined;
  readonly #conflicts = new Map<Ino, { readonly original: Ino; readonly atMs: number }>();
  readonly #listeners: ((inos: readonly Ino[]) => void)[] = [];
  /** An upload that was under way will not be gone on with. */
  onAbandon: () => void = () => undefined;

  constructor(
    { journal, identities, attributes }: LedgerParts,
    pathOf: (item: ItemId) => DrivePath | undefined,
  ) {
    this.#journal = journal;
    this.#identities = identities;
    this.#attributes = attributes;
    this.#pathOf = pathOf;
    for (const row of journal.conflicts()) {
      this.#conflicts.set(row.copy, { original: row.original, atMs: row.at_ms });
    }
  }

  /** Conflict copies that the user has neither removed nor renamed. */
  get conflicts(): ReadonlyMap<Ino, { readonly original: Ino; readonly atMs: number }> {
    return this.#conflicts;
  }

  /** What recovery read; it is in the journal already. */
  adopt(entry: SpoolEntry): void {
    this.overlay.put(entry);
  }

  onChange(listener: (inos: readonly Ino[]) => void): void {
    this.#listeners.push(listener);
  }

  change(change: Change): void {
    const { put = [], drop = [], bind = null, unbind = [], conflict, set = [] } = change;
    const attributes = set.map(({ ino, changes }) => this.#attributes.changed(ino, changes));
    const abandoned = change.isSessionOver ? [] : this.#abandonedBy(put, drop);
    const pair = bind !== null && (bind.path !== undefined || this.isNews(bind)) ? bind : null;
    const items = unbind.map((ino) => [ino, this.#identities.itemOf(ino)] as const);
    const resolved = drop.filter((ino) => this.#conflicts.has(ino) && this.#vanishes(ino));
    this.#journal.apply({
      put,
      drop,
      unbind,
      resolved,
      bind: pair && { ...pair, path: pair.path ?? this.#pathOf(pair.item) ?? null },
      conflict: conflict ?? null,
      abandoned,
      attributes,
    });
    for (const one of attributes) this.#attributes.recorded(one);
    for (const ino of drop) this.overlay.drop(ino);
    for (const ino of resolved) this.#conflicts.delete(ino);
    for (const [ino, item] of items) if (item !== undefined) this.#identities.unbound(ino, item);
    for (const entry of put) this.overlay.put(entry);
    if (pair !== null) this.#identities.bound(pair.ino, pair.item);
    if (conflict) this.#conflicts.set(conflict.copy, { original: conflict.original, atMs: conflict.atMs });
    const changed = [...put.map((entry) => entry.ino), ...drop];
    for (const listener of this.#listeners) listener(changed);
    if (abandoned.length > 0) this.onAbandon();
  }

  /** Sessions that are known now and will not be any more. */
  #abandonedBy(put: readonly SpoolEntry[], drop: readonly Ino[]): OwedSession[] {
    const kept = new Set(put.map(({ session }) => session?.id));
    const sessions = [...put.map(({ ino }) => ino), ...drop].map((ino) => this.overlay.get(ino)?.session);
    return sessions.filter((session) => session != null && !kept.has(session.id)) as OwedSession[];
  }

  /** A change of what is under way only: nothing durable. */
  changeInMemory(entry: SpoolEntry): void {
    this.overlay.put(entry);
  }

  /** The user has decided about a conflict copy: it was renamed or removed. */
  resolveConflict(ino: Ino): void {
    if (!this.#conflicts.delete(ino)) return;
    this.#journal.apply({ resolved: [ino] });
  }

  /** The pair is not in the journal. */
  isNews({ ino, item }: { readonly ino: Ino; readonly item: ItemId }): boolean {
    return this.#identities.itemOf(ino) !== item || this.#identities.inoOf(item) !== ino;
  }

  /** A copy that was uploaded is settled and still a conflict; one that goes with its bytes is not. */
  #vanishes(ino: Ino): boolean {
    const entry = this.overlay.get(ino);
    return entry !== undefined && (entry.removed || entry.item === null);
  }
}
