import type { SendStep } from './send-plan.js';
import type { Ino } from './spool.js';
import type { SpoolEntry } from './spool-entry.js';
import type { SpoolLimits } from './spool-limits.js';

type Lane = 'general' | 'large' | 'times';

/** How many steps of each sort are under way, and who waits for room, in order of arrival. */
export class SendLanes {
  readonly #limits: SpoolLimits;
  readonly #inside = new Map<Ino, Lane>();
  readonly #counts: Record<Lane, number> = { general: 0, large: 0, times: 0 };
  readonly #waiting: Record<Lane, Set<Ino>> = { general: new Set(), large: new Set(), times: new Set() };

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  /** True when the step may begin; else its node is handed out by `takeWaiting` when there is room. */
  enter(entry: SpoolEntry, step: SendStep): boolean {
    const lane = this.#laneOf(entry, step);
    if (!this.#hasRoom(lane)) {
      this.#waiting[lane].add(entry.ino);
      return false;
    }
    this.#inside.set(entry.ino, lane);
    this.#counts[lane] += 1;
    return true;
  }

  leave(ino: Ino): void {
    const lane = this.#inside.get(ino);
    if (lane === undefined) return;
    this.#inside.delete(ino);
    this.#counts[lane] -= 1;
  }

  takeWaiting(): Ino | undefined {
    for (const lane of ['general', 'times', 'large'] as const) {
      if (this.#waiting[lane].size === 0 || !this.#hasRoom(lane)) continue;
      const [ino] = this.#waiting[lane];
      this.#waiting[lane].delete(ino!);
      return ino;
    }
    return undefined;
  }

  #laneOf(entry: SpoolEntry, step: SendStep): Lane {
    if (step.kind === 'set-modified') return 'times';
    return step.kind === 'upload' && entry.content!.size > this.#limits.largeBytes ? 'large' : 'general';
  }

  /** A large upload takes a general place as well. */
  #hasRoom(lane: Lane): boolean {
    const { parallelUploads, parallelLarge, parallelTimes } = this.#limits;
    if (lane === 'times') return this.#counts.times < parallelTimes;
    if (this.#counts.general + this.#counts.large >= parallelUploads) return false;
    return lane === 'general' || this.#counts.large < parallelLarge;
  }
}
