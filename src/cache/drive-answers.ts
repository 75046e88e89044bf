/** What those who ask the drive share. */
import type { Drive, DriveItem } from '../drive/index.js';
import type { Reach } from './reach.js';
import type { TreeParts } from './tree-writer.js';

export interface QuestionParts extends TreeParts {
  readonly drive: Drive;
  readonly reach: Reach;
  /** Brings in what the change feed has by now; false when there is none. Set when the feed is there. */
  readonly feed: { catchUp(signal: AbortSignal): Promise<boolean> };
}

export interface Listing {
  readonly folder: DriveItem;
  readonly items: readonly DriveItem[];
}
