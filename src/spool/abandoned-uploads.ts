/**
 * Takes away from the server what uploads have left there that nobody will go on with: their content was changed again,
 * or removed. One at a time, and again later while the server can't be asked; the journal remembers over restarts.
 */
import { DriveError } from '../drive/index.js';
import { Alarm } from './alarm.js';
import { SLOW_RETRY_MS } from './back-off.js';
import { isDefinite } from './entry-state.js';
import { type OwedSession, sessionNow } from './growing-names.js';
import type { Journal } from './journal.js';
import type { SendContext } from './send-context.js';

/** Of its folder, while it is asked for. */
const MOST_MOVES = 5;

export class AbandonedUploads {
  readonly #context: SendContext;
  readonly #journal: Journal;
  readonly #alarm: Alarm;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #isStarted = false;

  constructor(context: SendContext, journal: Journal) {
    this.#context = context;
    this.#journal = journal;
    this.#alarm = new Alarm(context.clock, () => this.#tidy());
    context.ledger.onAbandon = () => this.#tidy();
  }

  start(): void {
    const { growing, ledger } = this.#context;
    for (const session of this.#journal.allAbandoned()) growing.add(session);
    for (const { session } of ledger.overlay.all()) if (session !== null) growing.add(session);
    this.#isStarted = true;
    this.#tidy();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#alarm.clear();
    this.#stopping.abort(new Error('stopping'));
    await this.#running;
  }

  #tidy(): void {
    if (!this.#isStarted || this.#running !== null) return;
    this.#running = this.#giveUpAll().finally(() => {
      this.#running = null;
    });
  }

  /** What is not where its folder was may be in it, where that is by now: the tree is asked for that before and after. */
  async #giveUp(owed: OwedSession): Promise<void> {
    const { drive, remote, whereabouts, growing } = this.#context;
    const options = { signal: this.#stopping.signal, lane: 'bulk' } as const;
    for (let attempt = 0; attempt < MOST_MOVES; attempt += 1) {
      if (owed.growsAs !== undefined) await remote.tree.catchUp(options);
      const session = sessionNow(owed, whereabouts);
      if (!(await isGone(drive.abandon(session, options)))) growing.show(owed);
      if (sessionNow(owed, whereabouts).folder === session.folder) return;
    }
  }

  async #giveUpAll(): Promise<void> {
    const { clock, log } = this.#context;
    try {
      for (let next = this.#journal.abandoned(); next !== undefined; next = this.#journal.abandoned()) {
        await this.#giveUp(next.session);
        this.#journal.dropAbandoned(next.id);
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      log.debug({ error }, 'what an upload has left on the server could not be taken away yet');
      this.#alarm.set(clock.now() + SLOW_RETRY_MS);
    }
  }
}

/** False: the server refuses to take it away, now as later; such a session expires by itself. */
async function isGone(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const isFinal = error instanceof DriveError && isDefinite(error.kind) && error.kind !== 'signed-out';
    if (!isFinal) throw error;
    return error.kind === 'absent';
  }
}
