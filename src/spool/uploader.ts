/**
 * Works off what is owed: takes the node that is due, asks the plan for its next step, and runs that step as far as
 * lanes, claims and the gate let it. It knows when and how many; what a step does is in `send-*.ts`, what a failure
 * means in `entry-state.ts`.
 */
import type { DriveItem, DrivePath } from '../drive/index.js';
import { Alarm } from './alarm.js';
import { DueQueue } from './due-queue.js';
import { DueTimes, dueAgain, isFresh } from './due-times.js';
import { InTurns } from './in-turns.js';
import { OutOfTurn } from './out-of-turn.js';
import { PathClaims } from './path-claims.js';
import { RemovalQuiet } from './removal-quiet.js';
import { runStep } from './run-step.js';
import { begun, type Operation, type SendContext } from './send-context.js';
import { stepFailed } from './send-failure.js';
import { SendGate } from './send-gate.js';
import { SendLanes } from './send-lanes.js';
import { canStepAside, claimsOf, type SendStep } from './send-plan.js';
import { finishAll, settleIdle } from './settling.js';
import type { Ino, Standstill } from './spool.js';
import { attemptsOf, owedAt, type SpoolEntry } from './spool-entry.js';
import { UnderWay } from './under-way.js';
import { WaitingRoom } from './waiting-room.js';

export class Uploader {
  readonly #context: SendContext;
  readonly #queue = new DueQueue();
  readonly #waiting = new WaitingRoom();
  readonly #claims = new PathClaims();
  readonly #lanes: SendLanes;
  readonly #gate: SendGate;
  readonly #quiet: RemovalQuiet;
  readonly #due: DueTimes;
  readonly #alarm: Alarm;
  readonly #active = new UnderWay();
  readonly outOfTurn: OutOfTurn;
  readonly #turns: InTurns;
  #running = false;

  constructor(context: SendContext) {
    this.#context = context;
    this.#lanes = new SendLanes(context.limits);
    this.#gate = new SendGate(context.clock);
    this.#alarm = new Alarm(context.clock, () => this.#pump());
    const next = () => this.#running && this.#considerNext();
    this.#turns = new InTurns(context.clock, next, () => this.#arm());
    this.#quiet = new RemovalQuiet(context.clock, context.limits);
    this.#due = new DueTimes(context, this.#waiting, this.#quiet);
    this.outOfTurn = new OutOfTurn({
      active: this.#active,
      claims: this.#claims,
      isClosed: () => !this.#running || this.#gate.opensAtMs > context.clock.now(),
      ended: (operation) => this.#ended(operation),
    });
    context.ledger.onChange((inos) => {
      for (const ino of inos) this.#changed(ino);
    });
    for (const rest of [context.times, context.lackingRoom]) rest.onDue = (inos) => this.#scheduleAll(inos);
    context.settlement.onWait = (inos) => {
      context.times.release();
      this.#scheduleAll(inos);
    };
  }

  get active(): number {
    return this.#active.size;
  }

  get standstill(): Standstill | null {
    return this.#gate.standstill;
  }

  get signedOut(): string | null {
    return this.#gate.signedOut;
  }

  /** Begins to send; what a crash left half told is told first, so that the mount never misses it. */
  async start(): Promise<void> {
    await finishAll(this.#context);
    this.#running = true;
    for (const { ino } of this.#context.ledger.overlay.all()) this.#schedule(ino);
    this.#pump();
  }

  /** Stops sending; what is under way is given up and will be looked at again at the next start. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#alarm.clear();
    await this.#active.abortAll(new Error('stopping'));
  }

  moved(path: DrivePath, signal: AbortSignal): Promise<void> {
    return this.#active.moved(path, signal);
  }

  stepOf(ino: Ino): SendStep | null {
    return this.#active.stepOf(ino);
  }

  removedIn(folder: Ino, above: Iterable<Ino>): void {
    this.#quiet.removedIn(folder, above);
  }

  /** What is being sent of this node is no longer wanted. */
  interrupt(ino: Ino): void {
    this.#active.abortUpload(ino);
  }

  /**
   * Stops an upload of the node and begins none until `release`. Resolves when nothing reads the payload any more; with
   * the item, if the server has the content all the same.
   */
  async hold(ino: Ino): Promise<DriveItem | null> {
    this.#active.hold(ino);
    const operation = this.#active.abortUpload(ino);
    // Whoever prepares waits for the file system, which may be waiting for us.
    if (operation === null || operation.phase === 'preparing') return null;
    this.#context.metrics.add('uploads.superseded');
    await operation.done;
    return operation.item;
  }

  release(ino: Ino): void {
    this.#active.release(ino);
    this.#schedule(ino);
    this.#pump();
  }

  hurry(): void {
    this.#gate.reopen();
    this.#context.foreground.over();
    this.#withEach((entry) => {
      const { ledger, clock } = this.#context;
      if (entry.state.kind === 'refused' || entry.state.kind === 'blocked') {
        ledger.change({ put: [{ ...entry, state: owedAt(clock.now()) }] });
      }
      if (entry.removed) {
        this.#quiet.hurry(entry.ino);
        this.#tryAgain(entry);
      }
      this.#due.forget(entry.ino);
      if (this.#isSendable(entry) && !this.#active.has(entry.ino)) this.#queue.set(entry.ino, clock.now());
    });
  }

  /** Somebody signed in, or the network is back: what failed need not wait for its next turn. */
  unblock(): void {
    this.#gate.reopen();
    this.#withEach((entry) => {
      if (this.#tryAgain(entry)) this.#due.forget(entry.ino);
      this.#schedule(entry.ino);
    });
  }

  /** False: it has not failed. */
  #tryAgain(entry: SpoolEntry): boolean {
    const { ledger, clock } = this.#context;
    const due = dueAgain(entry, clock.now());
    if (due !== null) ledger.changeInMemory({ ...entry, state: due });
    return due !== null;
  }

  #withEach(act: (entry: SpoolEntry) => void): void {
    const { overlay } = this.#context.ledger;
    const inos = [...overlay.all()].map(({ ino }) => ino);
    this.#turns.first(inos, (ino) => {
      const entry = overlay.get(ino);
      if (entry !== undefined) act(entry);
    });
    this.#pump();
  }

  #changed(ino: Ino): void {
    this.#waiting.leave(ino);
    if (this.#context.ledger.overlay.get(ino) === undefined) {
      this.#queue.delete(ino);
      this.#quiet.forget(ino);
      this.#due.forget(ino);
    } else {
      this.#schedule(ino);
    }
    const freed = this.#waiting.release(ino);
    if (freed !== null) this.#turns.first(freed, (waiter) => this.#schedule(waiter));
    this.#pump();
  }

  #scheduleAll(inos: Iterable<Ino>): void {
    this.#turns.first(inos, (ino) => this.#schedule(ino));
    this.#pump();
  }

  #schedule(ino: Ino): void {
    const entry = this.#context.ledger.overlay.get(ino);
    if (entry === undefined || this.#active.has(ino)) return;
    if (this.#isSendable(entry)) this.#queue.set(ino, this.#due.of(entry));
    else this.#queue.delete(ino);
  }

  #isSendable(entry: SpoolEntry): boolean {
    return !this.#active.isHeld(entry.ino) && this.#context.plan.isSendable(entry);
  }

  #pump(): void {
    if (this.#running) this.#turns.go();
  }

  /** False when there is nothing to be done now. */
  #considerNext(): boolean {
    const now = this.#context.clock.now();
    if (this.#context.foreground.isBusy) return false;
    if (this.#gate.opensAtMs > now || this.#active.size >= this.#gate.width) return false;
    const ino = this.#lanes.takeWaiting() ?? this.#queue.take(now);
    if (ino === undefined) return false;
    const entry = this.#context.ledger.overlay.get(ino);
    if (entry !== undefined && this.#isSendable(entry) && !this.#active.has(ino)) this.#consider(entry, now);
    return true;
  }

  #consider(entry: SpoolEntry, now: number): void {
    const dueAtMs = entry.removed ? this.#due.of(entry) : now;
    if (dueAtMs > now) {
      this.#queue.set(entry.ino, dueAtMs);
      return;
    }
    const step = this.#context.plan.next(entry);
    if (step.kind === 'wait') this.#wait(entry, step.on);
    else if (step.kind === 'settle') settleIdle(this.#context, entry);
    else this.#send(entry, step);
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
      this.#send(mover, step);
      return;
    }
    this.#waiting.wait(entry.ino, on);
    const blocker = this.#context.ledger.overlay.get(on);
    // What goes with its folder waits for the folder's quiet; everybody else is in need of what is in the way.
    if (blocker === undefined || (entry.removed && blocker.removed)) return;
    if (blocker.removed) this.#quiet.hurry(on);
    if (!this.#queue.has(on) || !isFresh(blocker)) return;
    this.#queue.set(on, Math.max(this.#context.clock.now(), this.#due.notBeforeMs(on)));
  }

  #send(entry: SpoolEntry, step: SendStep): void {
    const claims = claimsOf(step, entry);
    const holder = this.#claims.holderOf(claims);
    if (holder !== undefined) {
      this.#waiting.wait(entry.ino, holder);
      return;
    }
    if (!this.#lanes.enter(entry, step)) return;
    const operation = begun(entry.ino, step, attemptsOf(entry));
    this.#waiting.leave(entry.ino);
    this.#queue.delete(entry.ino);
    this.#active.begin(operation);
    this.#claims.take(entry.ino, claims);
    operation.done = this.#run(operation, entry, step);
  }

  async #run(operation: Operation, entry: SpoolEntry, step: SendStep): Promise<void> {
    try {
      await runStep(this.#context, operation, step, entry);
      if (operation.phase !== 'preparing') this.#gate.succeeded();
    } catch (error) {
      stepFailed(this.#context, this.#gate, operation, error);
    }
    this.#ended(operation);
  }

  #ended(operation: Operation): void {
    const { ino } = operation;
    this.#active.end(ino);
    this.#claims.release(ino);
    this.#lanes.leave(ino);
    this.#due.stepEnded(ino, operation.item !== null);
    this.#changed(ino);
    this.#context.emit({ kind: 'progress' });
  }

  #arm(): void {
    if (!this.#running) return;
    const { clock, foreground } = this.#context;
    const dueMs = Math.max(this.#queue.nextDueMs, this.#gate.opensAtMs);
    // With everything that may be under way under way, the end of a step goes on.
    const nextMs = dueMs <= clock.now() && this.#active.size > 0 ? Number.POSITIVE_INFINITY : dueMs;
    this.#alarm.set(foreground.isBusy ? foreground.busyUntilMs : nextMs);
  }
}
