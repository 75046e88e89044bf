import type { ItemId } from '../drive/index.js';
import type { Ino, Place } from './spool.js';

/** A folder that was to be made is one that was known as `before`: what the server has, or another that was to be made. */
export interface Joined {
  readonly kind: 'joined';
  readonly ino: Ino;
  readonly before: Ino;
  /** Null: the server has neither. */
  readonly item: ItemId | null;
  /** Where they were shown, and where it is. */
  readonly places: readonly Place[];
}
