/**
 * What is to be done next for a node, and what it has to wait for. Looks only; the order of a tree of changes comes
 * from nothing but these answers: parents before children, a move after what stands in its place has gone, a folder's
 * removal after everything that was moved out of it.
 */
import type { DriveCapabilities, DrivePath } from '../drive/index.js';
import { openCopyOf } from './open-copies.js';
import type { Overlay } from './overlay.js';
import type { PathClaim } from './path-claims.js';
import { type Ino, type Place, ROOT_INO } from './spool.js';
import { isFolder, type SpoolEntry, samePlace } from './spool-entry.js';
import { serverParentOf, unsureAbove } from './unsure-above.js';
import type { Whereabouts } from './whereabouts.js';

export type Step =
  /** Nothing is owed any more. */
  { readonly kind: 'settle' } | { readonly kind: 'wait'; readonly on: Ino } | SendStep;

/** A step that takes its time. */
export type SendStep =
  /** The server has it; the node is not settled yet, because the disk was full, or a crash came between. */
  | { readonly kind: 'finish' }
  | { readonly kind: 'make-folder'; readonly path: DrivePath; readonly place: Place }
  /** `over`: a removed file that stands there; its item gets our bytes as its next version. */
  | {
      readonly kind: 'upload';
      readonly path: DrivePath;
      readonly place: Place;
      readonly over: SpoolEntry | null;
    }
  | {
      readonly kind: 'move';
      readonly path: DrivePath;
      readonly to: DrivePath;
      readonly place: Place;
      readonly over: SpoolEntry | null;
    }
  | { readonly kind: 'remove'; readonly path: DrivePath }
  /** `place`: where an earlier attempt may have left it. */
  | { readonly kind: 'look'; readonly path: DrivePath; readonly place: Place }
  /** Nobody knows where it, or the folder that it is to be in, is on the server. */
  | { readonly kind: 'find' }
  /** Somebody else moved the folder that it is to be in below it. */
  | { readonly kind: 'stay' }
  | { readonly kind: 'set-modified'; readonly path: DrivePath; readonly place: Place };

const FIND: SendStep = { kind: 'find' };
const STAY: SendStep = { kind: 'stay' };

export class SendPlan {
  readonly #overlay: Overlay;
  readonly #whereabouts: Whereabouts;
  readonly #ignoreCase: boolean;
  readonly #hasIds: boolean;

  constructor(
    overlay: Overlay,
    whereabouts: Whereabouts,
    { caseInsensitive, stableIds }: Pick<DriveCapabilities, 'caseInsensitive' | 'stableIds'>,
  ) {
    this.#overlay = overlay;
    this.#whereabouts = whereabouts;
    this.#ignoreCase = caseInsensitive;
    this.#hasIds = stableIds;
  }

  next(entry: SpoolEntry): Step {
    if (entry.sent !== null) return { kind: 'finish' };
    const unsure = this.#unsureFor(entry);
    if (unsure !== undefined) return wait(unsure);
    const look = entry.item === null ? null : this.#lookAfterMove(entry);
    if (look !== null) return look;
    if (entry.removed) return this.#removal(entry);
    if (entry.item === null) return this.#creation(entry);
    if (entry.place !== null) return this.#move(entry, entry.place);
    return this.#inPlace(entry);
  }

  /** A node that is being written waits for its commit; one that is not where the server has it is moved all the same. */
  isSendable(entry: SpoolEntry): boolean {
    const { state, item, place } = entry;
    if (state.kind !== 'staged' || item === null || place === null) return state.kind === 'owed';
    return !samePlace(this.#whereabouts.originOf(entry), place);
  }

  /** A move that gets out of a circle: into a place where nothing is, from which the rest of the way is free. */
  sidestep(entry: SpoolEntry): SendStep {
    const name = `.odbfs-${entry.ino}`;
    const path = this.#whereabouts.pathOf(entry);
    if (entry.place === null || path === undefined) return FIND;
    const folder = this.#whereabouts.folderPath(entry.place.parent);
    const isBelowItself = folder === undefined || `${folder}/`.startsWith(`${path}/`);
    const place = { parent: isBelowItself ? ROOT_INO : entry.place.parent, name };
    return { kind: 'move', path, to: this.#whereabouts.pathAt(place)!, place, over: null };
  }

  /** Everything that goes with a folder's removal: what was removed below it. */
  *swallowed(folder: Ino): Iterable<SpoolEntry> {
    for (const entry of this.#overlay.originatingIn(folder)) {
      if (!entry.removed) continue;
      yield entry;
      if (isFolder(entry)) yield* this.swallowed(entry.ino);
    }
  }

  #creation(entry: SpoolEntry): Step {
    const { place } = entry;
    if (place === null) return { kind: 'settle' };
    if (!isFolder(entry) && entry.content === null) return { kind: 'settle' };
    // Before it waits for anybody: its new folder may be one that is to be made where it may be.
    const look = this.#lookFor(entry, place);
    if (look !== null) return look;
    const waiting = this.#parentOf(entry, place);
    if (waiting !== null) return waiting;
    const path = this.#whereabouts.pathAt(place);
    if (path === undefined) return FIND;
    const occupant = this.#occupantOf(entry, place);
    if (occupant !== undefined && !this.#canBeReplaced(occupant, entry)) return wait(occupant);
    if (isFolder(entry)) return { kind: 'make-folder', path, place };
    return { kind: 'upload', path, place, over: occupant ?? null };
  }

  /** A move may have been made, and the node is to be elsewhere by now, or gone: look before anything relies on it. */
  #lookAfterMove({ touched, place, removed }: SpoolEntry): Step | null {
    if (touched?.to == null || (!removed && samePlace(place, touched.to))) return null;
    const path = this.#whereabouts.pathAt(touched.to);
    return path === undefined ? null : { kind: 'look', path, place: touched.to };
  }

  #lookFor({ tried }: SpoolEntry, place: Place): Step | null {
    if (tried === null || samePlace(tried.place, place)) return null;
    const path = this.#whereabouts.pathAt(tried.place);
    return path === undefined ? null : { kind: 'look', path, place: tried.place };
  }

  #move(entry: SpoolEntry, place: Place): Step {
    const waiting = this.#parentOf(entry, place) ?? this.#outOfItself(entry, place);
    if (waiting !== null) return waiting;
    const path = this.#whereabouts.pathOf(entry);
    const to = this.#whereabouts.pathAt(place);
    if (path === undefined || to === undefined) return FIND;
    // It was found where it is to be, or renamed there and back: what is left is what is not about its place.
    if (samePlace(this.#whereabouts.originOf(entry), place)) return this.#inPlace(entry);
    const occupant = this.#occupantOf(entry, place);
    if (occupant !== undefined && !this.#canBeReplaced(occupant, entry)) return wait(occupant);
    if (to.startsWith(`${path}/`)) return STAY;
    return { kind: 'move', path, to, place, over: occupant ?? null };
  }

  #inPlace(entry: SpoolEntry): Step {
    if (entry.content === null && entry.modifiedMs === null) return { kind: 'settle' };
    const path = this.#whereabouts.pathOf(entry);
    const place = this.#whereabouts.originOf(entry);
    if (path === undefined || place === null) return FIND;
    if (entry.content !== null) return this.#openCopyOf(entry) ?? { kind: 'upload', path, place, over: null };
    return { kind: 'set-modified', path, place };
  }

  #removal(entry: SpoolEntry): Step {
    const place = this.#whereabouts.originOf(entry);
    const path = this.#whereabouts.pathOf(entry);
    if (path === undefined || place === null) return FIND;
    const folder = this.#overlay.get(place.parent);
    if (folder?.removed && folder.state.kind !== 'refused') return wait(folder);
    const unsure = this.unsureAbove(place.parent);
    if (unsure !== undefined) return wait(unsure);
    const heir = this.#heirOf(entry, place) ?? this.#unsureHeirOf(entry, place);
    if (heir !== undefined) return wait(heir);
    const leaver = isFolder(entry) ? this.#overlay.leaverFrom(entry.ino) : undefined;
    return leaver === undefined ? (this.#openCopyOf(entry) ?? { kind: 'remove', path }) : wait(leaver);
  }

  #openCopyOf(entry: SpoolEntry): Step | null {
    const copy = openCopyOf(this.#overlay, this.#whereabouts, entry);
    return copy === undefined ? null : wait(copy);
  }

  /** While nobody knows where a folder is, what is below it can't be found; where there are ids, the tree may know it. */
  #unsureFor(entry: SpoolEntry): SpoolEntry | undefined {
    const { item, place, removed, touched } = entry;
    const isTold = item === null || this.#whereabouts.serverPlaceOf(item) !== null;
    if (removed || touched?.to != null || (this.#hasIds && isTold)) return undefined;
    const above = (at: Place | null) => (at === null ? undefined : this.unsureAbove(at.parent));
    return above(this.#whereabouts.originOf(entry)) ?? above(place);
  }

  unsureAbove(folder: Ino): SpoolEntry | undefined {
    return unsureAbove(this.#overlay, this.#whereabouts, folder);
  }

  /** Null when the server has the folder that the node is to be in. */
  #parentOf(entry: SpoolEntry, place: Place): Step | null {
    if (place.parent === ROOT_INO) return null;
    const parent = this.#overlay.get(place.parent);
    if (parent?.removed) return parent.state.kind === 'sending' ? wait(parent) : FIND;
    if (parent !== undefined && (parent.item === null || this.#isUntold(parent))) return wait(parent);
    return this.#whereabouts.itemOf(place.parent) === undefined && entry.ino !== place.parent ? FIND : null;
  }

  /** The server has the folder, and in a moment its place is known: who asks for it meanwhile would rest, or ask in vain. */
  #isUntold({ ino, sent }: SpoolEntry): boolean {
    return sent !== null && this.#whereabouts.folderPath(ino) === undefined;
  }

  /** A folder can't be moved below itself: what is on the way has to leave it first. */
  #outOfItself(entry: SpoolEntry, place: Place): Step | null {
    if (!isFolder(entry)) return null;
    let at: Ino | undefined = place.parent;
    while (at !== undefined && at !== ROOT_INO && at !== entry.ino) {
      const above: SpoolEntry | undefined = this.#overlay.get(at);
      const next: Ino | undefined = serverParentOf(this.#overlay, this.#whereabouts, at);
      if (next === entry.ino && above?.place) return wait(above);
      if (above?.place && this.#isBelowOnServer(at, entry.ino)) return wait(above);
      at = next;
    }
    return null;
  }

  #isBelowOnServer(ino: Ino, folder: Ino): boolean {
    const path = this.#whereabouts.folderPath(ino);
    const above = this.#whereabouts.folderPath(folder);
    return path !== undefined && above !== undefined && path.startsWith(`${above}/`);
  }

  /** What stands, on the server, where the node is to be. */
  #occupantOf(entry: SpoolEntry, { parent, name }: Place): SpoolEntry | undefined {
    for (const other of this.#overlay.originatingAt(parent, name, this.#ignoreCase)) {
      if (other.ino !== entry.ino) return other;
    }
    return undefined;
  }

  /** A file that was removed here is replaced in one step; everything else has to go by itself first. */
  #canBeReplaced(occupant: SpoolEntry, by: SpoolEntry): boolean {
    return (
      occupant.removed &&
      occupant.item !== null &&
      occupant.state.kind !== 'sending' &&
      !isFolder(occupant) &&
      !isFolder(by)
    );
  }

  /** A node that is about to take the removed one's place, so that the removal is no request of its own. */
  #heirOf(entry: SpoolEntry, { parent, name }: Place): SpoolEntry | undefined {
    if (isFolder(entry) || entry.item === null) return undefined;
    const heir = this.#overlay.placedAt(parent, name);
    if (heir === undefined || heir.ino === entry.ino || isFolder(heir)) return undefined;
    // It thinks that it stands there already, and takes nobody's place: somebody else put the removed one there.
    if (heir.item !== null && samePlace(this.#whereabouts.originOf(heir), { parent, name })) return undefined;
    return heir.state.kind === 'owed' || heir.state.kind === 'sending' ? heir : undefined;
  }

  /**
   * A node that is to take the place where an attempt of the removed one may have left something, while an attempt of its
   * own is being made, or may have left something, elsewhere: once that is known, it can be told what it finds here.
   */
  #unsureHeirOf(entry: SpoolEntry, { parent, name }: Place): SpoolEntry | undefined {
    if (isFolder(entry) || entry.item !== null) return undefined;
    const heir = this.#overlay.placedAt(parent, name);
    if (heir?.place == null || heir.state.kind === 'refused') return undefined;
    const isToBeLookedFor = heir.item === null && this.#lookFor(heir, heir.place) !== null;
    return isToBeLookedFor || heir.state.kind === 'sending' ? heir : undefined;
  }
}

/** It may be moved to a third place, out of a circle of those who wait for each other. */
export function canStepAside(entry: SpoolEntry | undefined): entry is SpoolEntry {
  return entry !== undefined && entry.item !== null && entry.place !== null && entry.state.kind !== 'sending';
}

/** What a step relies on while it is under way. */
export function claimsOf(step: SendStep, entry: SpoolEntry): PathClaim[] {
  const subtree = isFolder(entry);
  switch (step.kind) {
    case 'make-folder':
    case 'upload':
    case 'look':
    case 'set-modified':
      return [{ path: step.path, subtree: false }];
    case 'remove':
      return [{ path: step.path, subtree }];
    case 'find':
    case 'stay':
    case 'finish':
      return [];
    case 'move':
      return [
        { path: step.path, subtree },
        { path: step.to, subtree },
      ];
  }
}

function wait(on: SpoolEntry): Step {
  return { kind: 'wait', on: on.ino };
}
