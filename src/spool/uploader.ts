/**
 * Works off what is owed: takes the node that is due, asks the plan for its next step, and runs that step as far as
 * lanes, claims and the gate let it. It knows when and how many; what a step does is in `send-*.ts`, what a failure
 * means in `entry-state.ts`.
 */
import { DriveError, type DriveItem } from '../drive/index.js';
import { backOffMs, SLOW_RETRY_MS } from './back-off.js';
import { DueQueue } from './due-queue.js';
import { type Fate, fateOf } from './entry-state.js';
import { PathClaims } from './path-claims.js';
import { RemovalQuiet } from './removal-quiet.js';
import { runStep } from './run-step.js';
import type { Operation, SendContext } from './send-context.js';
import { SendGate } from './send-gate.js';
import { SendLanes } from './send-lanes.js';
import { claimsOf, type SendStep } from './send-plan.js';
import { finish } from './settling.js';
import type { Ino, OwedState } from './spool.js';
import { owedAt, owesAnything, type SpoolEntry } from './spool-entry.js';
import { WaitingRoom } from './waiting-room.js';

/** Steps in a row that may bring a node no further before it has to wait. */
const QUICK_STEPS = 4;

export class Uploader {
  readonly #context: SendContext;
  readonly #queue = new DueQueue();
  readonly #waiting = new WaitingRoom();
  readonly #claims = new PathClaims();
  readonly #lanes: SendLanes;
  readonly #gate: SendGate;
  readonly #quiet: RemovalQuiet;
  readonly #active = new Map<Ino, Operation>();
  /** Nodes whose content is about to be changed, with how many want that. */
  readonly #held = new Map<Ino, number>();
  /** Steps that a node took without getting anywhere. */
  readonly #idleSteps = new Map<Ino, number>();
  #running = false;
  #pumping = false;
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(context: SendContext) {
    this.#context = context;
    this.#lanes = new SendLanes(context.limits);
    this.#gate = new SendGate(context.clock);
    this.#quiet = new RemovalQuiet(context.clock, context.limits);
    context.ledger.onChange((inos) => {
      for (const ino of inos) this.#changed(ino);
    });
  }

  get active(): number {
    return this.#active.size;
  }

  get signedOut(): string | null {
    return this.#gate.signedOut;
  }

  /** Begins to send; what a crash left half told is told first, so that the mount never misses it. */
  async start(): Promise<void> {
    const { overlay } = this.#context.ledger;
    for (const entry of [...overlay.all()]) {
      if (entry.sent === null) continue;
      const operation = this.#operation(entry.ino, { kind: 'finish' });
      await finish(this.#context, operation, entry);
    }
    this.#running = true;
    for (const { ino } of overlay.all()) this.#schedule(ino);
    this.#pump();
  }

  /** Stops sending; what is under way is given up and will be looked at again at the next start. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = null;
    const operations = [...this.#active.values()];
    for (const { controller } of operations) controller.abort(new Error('stopping'));
    await Promise.all(operations.map(({ done }) => done));
  }

  isActive(ino: Ino): boolean {
    return this.#active.has(ino);
  }

  removedIn(folder: Ino, above: Iterable<Ino>): void {
    this.#quiet.removedIn(folder, above);
  }

  /** What is being sent of this node is no longer wanted. */
  interrupt(ino: Ino): void {
    const operation = this.#active.get(ino);
    if (operation?.step.kind === 'upload') operation.controller.abort(new Error('superseded'));
  }

  /**
   * Stops an upload of the node and begins none until `release`. Resolves when nothing reads the payload any more; with
   * the item, if the server has the content all the same.
   */
  async hold(ino: Ino): Promise<DriveItem | null> {
    this.#held.set(ino, (this.#held.get(ino) ?? 0) + 1);
    const operation = this.#active.get(ino);
    if (operation?.step.kind !== 'upload') return null;
    operation.controller.abort(new Error('superseded'));
    // Whoever prepares waits for the file system, which may be waiting for us.
    if (operation.phase === 'preparing') return null;
    this.#context.metrics.add('uploads.superseded');
    await operation.done;
    return operation.item;
  }

  release(ino: Ino): void {
    const holders = (this.#held.get(ino) ?? 1) - 1;
    if (holders > 0) this.#held.set(ino, holders);
    else this.#held.delete(ino);
    this.#schedule(ino);
    this.#pump();
  }

  hurry(): void {
    const { ledger, clock } = this.#context;
    this.#gate.reopen();
    for (const entry of [...ledger.overlay.all()]) {
      if (entry.state.kind === 'refused' || entry.state.kind === 'blocked') {
        ledger.change({ put: [{ ...entry, state: owedAt(clock.now()) }] });
      }
      if (entry.removed) this.#quiet.hurry(entry.ino);
      this.#idleSteps.delete(entry.ino);
      if (this.#isSendable(entry) && !this.#active.has(entry.ino)) this.#queue.set(entry.ino, clock.now());
    }
    this.#pump();
  }

  /** Somebody signed in, or the network is back: what failed need not wait for its next turn. */
  unblock(): void {
    const { ledger, clock } = this.#context;
    this.#gate.reopen();
    for (const entry of [...ledger.overlay.all()]) {
      const due = dueAgain(entry, clock.now());
      if (due !== null) {
        this.#idleSteps.delete(entry.ino);
        ledger.changeInMemory({ ...entry, state: due });
      }
      this.#schedule(entry.ino);
    }
    this.#pump();
  }

  #changed(ino: Ino): void {
    this.#waiting.leave(ino);
    if (this.#context.ledger.overlay.get(ino) === undefined) {
      this.#queue.delete(ino);
      this.#quiet.forget(ino);
      this.#idleSteps.delete(ino);
    } else {
      this.#schedule(ino);
    }
    for (const waiter of this.#waiting.release(ino)) this.#schedule(waiter);
    this.#pump();
  }

  #schedule(ino: Ino): void {
    const entry = this.#context.ledger.overlay.get(ino);
    if (entry === undefined || this.#active.has(ino)) return;
    if (this.#isSendable(entry)) this.#queue.set(ino, this.#dueAtMs(entry));
    else this.#queue.delete(ino);
  }

  /** A node that is being written waits for its commit; what is on the server may be moved all the same. */
  #isSendable({ ino, state, item, place }: SpoolEntry): boolean {
    if (this.#held.has(ino)) return false;
    return state.kind === 'owed' || (state.kind === 'staged' && item !== null && place !== null);
  }

  #dueAtMs(entry: SpoolEntry): number {
    const idle = (this.#idleSteps.get(entry.ino) ?? 0) - QUICK_STEPS;
    const notBefore = idle > 0 ? this.#context.clock.now() + backOffMs(idle) : 0;
    if (entry.removed) return Math.max(notBefore, this.#quiet.dueAtMs(entry));
    return Math.max(notBefore, entry.state.kind === 'owed' ? entry.state.dueAtMs : 0);
  }

  #pump(): void {
    if (!this.#running || this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#considerNext());
      this.#arm();
    } finally {
      this.#pumping = false;
    }
  }

  /** False when there is nothing to be done now. */
  #considerNext(): boolean {
    const now = this.#context.clock.now();
    if (this.#gate.opensAtMs > now || this.#active.size >= this.#gate.width) return false;
    const ino = this.#lanes.takeWaiting() ?? this.#queue.take(now);
    if (ino === undefined) return false;
    const entry = this.#context.ledger.overlay.get(ino);
    if (entry !== undefined && this.#isSendable(entry) && !this.#active.has(ino)) this.#consider(entry, now);
    return true;
  }

  #consider(entry: SpoolEntry, now: number): void {
    if (entry.removed && this.#quiet.dueAtMs(entry) > now) {
      this.#queue.set(entry.ino, this.#quiet.dueAtMs(entry));
      return;
    }
    const step = this.#context.plan.next(entry);
    switch (step.kind) {
      case 'wait':
        this.#wait(entry, step.on);
        break;
      case 'settle':
        this.#settleIdle(entry);
        break;
      case 'lost':
        this.#postpone(entry, 'nobody knows where this is on the server');
        break;
      case 'finish':
        break;
      default:
        this.#send(entry, step);
    }
  }

  #settleIdle(entry: SpoolEntry): void {
    const rest = entry.item === null ? null : { ...entry, place: null };
    if (rest === null || !owesAnything(rest)) this.#context.ledger.change({ drop: [entry.ino] });
  }

  #postpone(entry: SpoolEntry, reason: string): void {
    const attempts = entry.state.kind === 'owed' ? entry.state.attempts + 1 : 1;
    const dueAtMs = this.#context.clock.now() + backOffMs(attempts);
    if (entry.state.kind === 'owed') {
      this.#context.ledger.changeInMemory({ ...entry, state: owedAt(dueAtMs, attempts, reason) });
    }
    this.#queue.set(entry.ino, dueAtMs);
  }

  #wait(entry: SpoolEntry, on: Ino): void {
    const circle = this.#waiting.circle(entry.ino, on);
    const mover = circle
      ?.map((ino) => this.#context.ledger.overlay.get(ino))
      .find((one) => canStepAside(one) && !this.#active.has(one.ino));
    if (mover !== undefined) {
      const step = this.#context.plan.sidestep(mover);
      if (mover !== entry) this.#waiting.wait(entry.ino, on);
      this.#waiting.leave(mover.ino);
      if (step.kind === 'move') this.#send(mover, step);
      else this.#postpone(mover, 'it is in its own way');
      return;
    }
    this.#waiting.wait(entry.ino, on);
    const blocker = this.#context.ledger.overlay.get(on);
    // What goes with its folder waits for the folder's quiet; everybody else is in need of what is in the way.
    if (blocker === undefined || (entry.removed && blocker.removed)) return;
    if (blocker.removed) this.#quiet.hurry(on);
    if (this.#queue.has(on) && isFresh(blocker)) this.#queue.set(on, this.#context.clock.now());
  }

  #send(entry: SpoolEntry, step: SendStep): void {
    const claims = claimsOf(step, entry);
    const holder = this.#claims.holderOf(claims);
    if (holder !== undefined) {
      this.#waiting.wait(entry.ino, holder);
      return;
    }
    if (!this.#lanes.enter(entry, step)) return;
    const operation = this.#operation(entry.ino, step);
    this.#waiting.leave(entry.ino);
    this.#queue.delete(entry.ino);
    this.#active.set(entry.ino, operation);
    this.#claims.take(entry.ino, claims);
    operation.done = this.#run(operation, entry, step);
  }

  #operation(ino: Ino, step: Operation['step']): Operation {
    return {
      ino,
      step,
      controller: new AbortController(),
      phase: 'preparing',
      item: null,
      done: Promise.resolve(),
    };
  }

  async #run(operation: Operation, entry: SpoolEntry, step: SendStep): Promise<void> {
    const attempts = entry.state.kind === 'owed' ? entry.state.attempts : 0;
    try {
      await runStep(this.#context, operation, step, entry);
      if (operation.phase !== 'preparing') this.#gate.succeeded();
    } catch (error) {
      this.#failed(operation, error, attempts);
    }
    this.#ended(operation);
  }

  #ended(operation: Operation): void {
    const { ino } = operation;
    this.#active.delete(ino);
    this.#claims.release(ino);
    this.#lanes.leave(ino);
    if (operation.item === null) this.#idleSteps.set(ino, (this.#idleSteps.get(ino) ?? 0) + 1);
    else this.#idleSteps.delete(ino);
    this.#changed(ino);
    this.#context.emit({ kind: 'progress' });
  }

  #failed(operation: Operation, error: unknown, attempts: number): void {
    const { ledger, clock, log } = this.#context;
    const entry = ledger.overlay.get(operation.ino);
    if (operation.controller.signal.aborted) {
      if (entry?.state.kind === 'sending') ledger.changeInMemory({ ...entry, state: owedAt(clock.now()) });
      return;
    }
    const fate = this.#judge(error, attempts);
    const message = error instanceof Error ? error.message : String(error);
    log.debug({ error, fate, attempts }, 'a node could not be sent');
    if (entry === undefined) return;
    if (fate === 'refuse') {
      this.#refuse(entry, message);
      return;
    }
    if (fate === 'signed-out') {
      ledger.changeInMemory({ ...entry, state: { kind: 'blocked', reason: message } });
      return;
    }
    const delayMs = fate === 'slow-retry' ? SLOW_RETRY_MS : backOffMs(attempts + 1);
    const state = owedAt(clock.now() + delayMs, attempts + 1, message);
    if (entry.state.kind !== 'staged') ledger.changeInMemory({ ...entry, state });
  }

  #judge(error: unknown, attempts: number): Fate {
    const { log, metrics } = this.#context;
    if (!(error instanceof DriveError)) {
      metrics.add('bugs');
      log.error({ error }, 'a node could not be sent for a reason nobody foresaw');
      return 'retry';
    }
    const fate = fateOf(error.kind, attempts);
    if (fate === 'pause') this.#gate.failed(error.kind === 'throttled' ? error.retryAfterMs : undefined);
    if (fate === 'signed-out' && this.#gate.signedOut === null) {
      this.#gate.signOut(error.message);
      this.#context.emit({ kind: 'blocked', reason: error.message });
    }
    return fate;
  }

  #refuse(entry: SpoolEntry, reason: string): void {
    const { ledger, metrics, log, emit } = this.#context;
    ledger.change({ put: [{ ...entry, state: { kind: 'refused', reason } }] });
    metrics.add('uploads.refused');
    log.warn({ ino: entry.ino, reason }, 'the server refuses this; it is kept here');
    emit({ kind: 'refused', ino: entry.ino, reason });
  }

  #arm(): void {
    const now = this.#context.clock.now();
    const atMs = Math.max(this.#queue.nextDueMs, this.#gate.opensAtMs);
    if (this.#timer !== null && this.#timer.atMs === atMs) return;
    this.#timer?.cancel();
    this.#timer = null;
    // With everything that may be under way under way, the end of a step goes on.
    if (!Number.isFinite(atMs) || (atMs <= now && this.#active.size > 0)) return;
    const cancel = this.#context.clock.after(Math.max(0, atMs - now), () => {
      this.#timer = null;
      this.#pump();
    });
    this.#timer = { atMs, cancel };
  }
}

/** Not put off by a failure. */
function isFresh({ state }: SpoolEntry): boolean {
  return state.kind !== 'owed' || state.attempts === 0;
}

function canStepAside(entry: SpoolEntry | undefined): entry is SpoolEntry {
  return entry !== undefined && entry.item !== null && entry.place !== null && entry.state.kind !== 'sending';
}

/** What failed, or waits for a sign-in, is due at once; null for what waits for quiet. */
function dueAgain({ state }: SpoolEntry, nowMs: number): OwedState | null {
  if (state.kind === 'blocked') return owedAt(nowMs);
  if (state.kind !== 'owed' || state.attempts === 0) return null;
  return owedAt(nowMs, state.attempts, state.lastError);
}
