/** What those who ask the drive share. */
import type { Drive } from '../drive/index.js';
import type { LongListings } from './long-listings.js';
import type { Reach } from './reach.js';
import type { TreeParts } from './tree-writer.js';

export interface QuestionParts extends TreeParts {
  readonly drive: Drive;
  readonly reach: Reach;
  readonly feed: Feed;
  readonly longListings: LongListings;
}

export interface Feed {
  /** Brings in what the change log has by now; false when it is not followed. */
  catchUp(signal: AbortSignal): Promise<boolean>;
  /**
   * The tree is about to be known as a whole, or to be compared as a whole again: that will tell what is gone from what was
   * moved, which nobody can tell until then.
   */
  readonly isToCompare: boolean;
}
