/**
 * Takes away from the server what uploads have left there that nobody will go on with: their content was changed again,
 * or removed. One at a time, and again later while the server can't be asked; the journal remembers over restarts.
 */
import { DriveError } from '../drive/index.js';
import { Alarm } from './alarm.js';
import { SLOW_RETRY_MS } from './back-off.js';
import { isDefinite } from './entry-state.js';
import type { Journal } from './journal.js';
import type { SendContext } from './send-context.js';

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

  async #giveUpAll(): Promise<void> {
    const { drive, clock, log } = this.#context;
    try {
      for (let next = this.#journal.abandoned(); next !== undefined; next = this.#journal.abandoned()) {
        await orGone(drive.abandon(next.session, { signal: this.#stopping.signal, lane: 'bulk' }));
        this.#journal.dropAbandoned(next.id);
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      log.debug({ error }, 'what an upload has left on the server could not be taken away yet');
      this.#alarm.set(clock.now() + SLOW_RETRY_MS);
    }
  }
}

/** What the server refuses to take away now it will refuse later: such a session expires by itself. */
async function orGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isFinal = error instanceof DriveError && isDefinite(error.kind) && error.kind !== 'signed-out';
    if (!isFinal) throw error;
  }
}
