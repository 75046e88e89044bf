/** Every bound of the remote tree, and what it is unless somebody says otherwise. */
import type { PollLimits } from './poll-schedule.js';
import type { RecentTruthLimits } from './recent-truth.js';
import type { WalkLimits } from './walk-ahead.js';

export interface TreeLimits {
  readonly entriesInMemory: number;
  readonly databaseCacheBytes: number;
  readonly negativeNames: number;
  /** In a folder with more children one name is asked for by itself. */
  readonly largeFolder: number;
  /** A known answer is given when asking for a better one takes longer. */
  readonly patienceMs: number;
  /** The same for a glance, where changes come to us by themselves. */
  readonly glancePatienceMs: number;
  readonly poll: PollLimits;
  readonly recent: RecentTruthLimits;
  readonly walk: WalkLimits;
}

export const DEFAULT_TREE_LIMITS: TreeLimits = {
  entriesInMemory: 65_536,
  databaseCacheBytes: 24 * 1024 * 1024,
  negativeNames: 10_000,
  largeFolder: 1_000,
  patienceMs: 5_000,
  glancePatienceMs: 500,
  poll: { pollMs: 15_000, longestPollMs: 120_000, idleAfterMs: 60_000 },
  recent: { lagMs: 5_000, mostRecentItems: 20_000 },
  walk: { parallel: 6, mostAhead: 24, mostWaiting: 2_000 },
};
