/**
 * Keeps the whole tree known: a snapshot first, then what changes, again and again. Where the server refuses both, the
 * tree fills folder by folder and this tries again now and then. Never makes anybody wait who did not ask for it.
 */
import type { Log } from '../base/index.js';
import {
  ChangeTokenLost,
  DriveError,
  type Lane,
  type RequestOptions,
  type TreeSource,
} from '../drive/index.js';
import { Backlog } from './backlog.js';
import { ChangeFeed } from './change-feed.js';
import type { Feed, QuestionParts } from './drive-answers.js';
import { EarlyPages } from './early-pages.js';
import { EarlyReader } from './early-reader.js';
import { type PollLimits, PollSchedule } from './poll-schedule.js';
import { SharedQuestions } from './shared-questions.js';
import { SnapshotReader } from './snapshot-reader.js';

/** Where the server refuses to show the tree, it is asked again after this. */
const REFUSED_PAUSE_MS = 10 * 60_000;
/** Snapshots that the change log made necessary begin at least this far apart. */
const START_OVER_PAUSE_MS = 10 * 60_000;
/** Where front ends lag behind the log, it is asked again after these pauses; who does not wait for it, after the last. */
const LAG_PAUSES_MS = [300, 700, 1000, 1500, 2500];
const ROUND = 'round';

export class TreeFollower implements Feed {
  readonly schedule: PollSchedule;
  readonly #parts: QuestionParts;
  readonly #log: Log;
  readonly #source: TreeSource | null;
  readonly #rounds: SharedQuestions;
  readonly #backlog = new Backlog();
  readonly #early: EarlyPages;
  #changeFeed: ChangeFeed | null = null;
  #isStarted = false;
  #isRefused = false;
  #startedOverAt = Number.NEGATIVE_INFINITY;

  constructor(parts: QuestionParts, log: Log, limits: PollLimits) {
    this.#parts = parts;
    this.#log = log;
    this.#source = parts.drive.tree;
    this.#rounds = new SharedQuestions(parts.clock);
    this.#early = new EarlyPages(parts);
    this.schedule = new PollSchedule(parts.clock, limits);
  }

  /** Every item is known, as of the last round of changes. */
  get isComplete(): boolean {
    return this.#parts.state.isComplete;
  }

  /** The tree is read as a whole, now or when the server can be reached again: nobody need walk it. */
  get fills(): boolean {
    return this.#source !== null && this.#isStarted && !this.#isRefused;
  }

  /** With the first snapshot under way that would take too long to wait for; with all of it read it does not. */
  get isToCompare(): boolean {
    const { progress, wholeAtMs } = this.#parts.state;
    return this.fills && !this.isComplete && (wholeAtMs !== null || progress.kind === 'settling');
  }

  /** Brings in what changed by now, as soon as the server shows it; false when the tree is not followed. */
  async catchUp(signal: AbortSignal, lane: Lane = 'interactive'): Promise<boolean> {
    const { clock } = this.#parts;
    let isFollowed = await this.#caughtUp({ signal, lane });
    for (const pauseMs of LAG_PAUSES_MS) {
      if (!isFollowed || !this.#isHeldUp) break;
      await clock.sleep(pauseMs, signal);
      isFollowed = await this.#caughtUp({ signal, lane });
    }
    return isFollowed;
  }

  get #isHeldUp(): boolean {
    return this.#changeFeed?.isHeldUp ?? false;
  }

  async #caughtUp({ signal, lane }: RequestOptions): Promise<boolean> {
    if (!this.isComplete) return false;
    // A round under way may have asked before that happened which our caller wants to know of.
    if (this.#rounds.isAsked(ROUND)) await this.#round({ signal, lane });
    // which may have found that the tree is to be read anew: nobody waits for that
    if (this.isComplete) await this.#round({ signal, lane });
    return this.isComplete;
  }

  /** The same for who waits for one item only: false also when so much changed that all of it would take long. */
  async catchUpSoon({ signal, lane }: RequestOptions): Promise<boolean> {
    if (!this.isComplete || this.#backlog.isLong) return false;
    const isFollowed = await this.#backlog.outwaits(this.#caughtUp({ signal, lane }));
    return isFollowed && this.isComplete && !this.#isHeldUp;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#source === null) return;
    this.#isStarted = true;
    for (;;) {
      try {
        await this.#round({ signal, lane: 'bulk' });
      } catch (error) {
        signal.throwIfAborted();
        this.#failed(error);
      }
      await this.schedule.wait(signal);
    }
  }

  /** One round at a time, shared by all who wait for it. */
  #round(options: RequestOptions): Promise<void> {
    const source = this.#source;
    if (source === null) return Promise.resolve();
    return this.#rounds.join(ROUND, options, async (own) => {
      if (this.isComplete) await this.#follow(source, own);
      else await this.#begin(source, own);
      this.#parts.reach.answered();
      this.#isRefused = false;
      if (!this.isComplete) this.schedule.soon();
      else if (this.#isHeldUp) this.schedule.soon(LAG_PAUSES_MS.at(-1)!);
      else this.schedule.succeeded();
    });
  }

  async #begin(source: TreeSource, options: RequestOptions): Promise<void> {
    const { state, clock } = this.#parts;
    const reader = this.#reader(source);
    const startedAt = clock.monotonic();
    if (state.progress.kind === 'unknown') await reader.begin(options);
    await reader.read(options);
    if (state.progress.kind !== 'settling') return;
    const asOfMs = clock.now();
    await this.#drain(source, state.progress.token, options);
    await reader.prune(options);
    if (state.progress.kind !== 'settling') return;
    state.progress = { kind: 'followed', token: state.progress.token };
    state.wholeAtMs = asOfMs;
    const seconds = Math.round((clock.monotonic() - startedAt) / 1000);
    this.#log.info({ items: this.#parts.store.count, seconds }, 'the whole tree is known');
  }

  async #follow(source: TreeSource, options: RequestOptions): Promise<void> {
    await this.#followLog(source, options);
    // Nobody who is in a hurry waits for what no one asked for.
    if (options.lane !== 'bulk' || !this.isComplete) return;
    const early = new EarlyReader(this.#parts, this.#early, this.#reader(source), this.#feed(source));
    if (await early.read(options)) await this.#followLog(source, options);
  }

  async #followLog(source: TreeSource, options: RequestOptions): Promise<void> {
    const { state, clock } = this.#parts;
    if (state.progress.kind !== 'followed') return;
    const asOfMs = clock.now();
    await this.#drain(source, state.progress.token, options);
    if (this.isComplete && !this.#isHeldUp) state.wholeAtMs = asOfMs;
    if (this.#feed(source).hasLostItems) this.#startOver(source);
  }

  /**
   * Seldom: what the log does not say, a snapshot will. A front end that lags behind may not show what the log is about to
   * tell, so the log is gone on with from where we are in it.
   */
  #startOver(source: TreeSource): void {
    const { progress } = this.#parts.state;
    if (progress.kind !== 'followed') return;
    const now = this.#parts.clock.monotonic();
    if (now - this.#startedOverAt < START_OVER_PAUSE_MS) return;
    this.#startedOverAt = now;
    this.#feed(source).hasLostItems = false;
    this.#log.info('the change log left something open: the tree is compared as a whole');
    this.#reader(source).beginSince(progress.token);
  }

  async #drain(source: TreeSource, since: string, options: RequestOptions): Promise<void> {
    const { state } = this.#parts;
    try {
      await this.#feed(source).drain(
        since,
        (token) => {
          const { kind } = state.progress;
          if (kind === 'followed' || kind === 'settling') state.progress = { kind, token };
        },
        options,
      );
    } catch (error) {
      if (!(error instanceof ChangeTokenLost)) throw error;
      this.#log.info('the server forgot our place in its change log: the tree is compared as a whole');
      state.progress = { kind: 'unknown' };
    }
  }

  /** An old cursor may be what is refused: once, the snapshot is begun anew. */
  #refused(error: DriveError): void {
    const { state } = this.#parts;
    if (state.progress.kind === 'snapshot' && state.progress.cursor !== null) {
      state.progress = { kind: 'unknown' };
      this.schedule.failed();
      return;
    }
    this.#isRefused = true;
    this.#log.info({ error }, 'the server does not show its tree as a whole: it is read folder by folder');
    this.schedule.failed(REFUSED_PAUSE_MS);
  }

  #reader(source: TreeSource): SnapshotReader {
    const feed = this.#feed(source);
    return new SnapshotReader(this.#parts, source, this.#early, (id, path) => feed.doubt(id, [path]));
  }

  #feed(source: TreeSource): ChangeFeed {
    this.#changeFeed ??= new ChangeFeed(this.#parts, source, this.#backlog);
    return this.#changeFeed;
  }

  #failed(error: unknown): void {
    this.#parts.reach.failed(error);
    if (!(error instanceof DriveError)) {
      this.#log.error({ error }, 'following the tree failed');
      this.schedule.failed();
    } else if (error.kind === 'denied' || error.kind === 'protocol' || error.kind === 'absent') {
      this.#refused(error);
    } else {
      this.#log.debug({ error }, 'the server could not be asked for changes');
      this.schedule.failed(error.retryAfterMs);
    }
  }
}
