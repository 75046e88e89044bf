import type { Log } from '../base/index.js';

/** What has to be closed, in the reverse order of its opening; one failure does not keep the others open. */
export class ClosingStack {
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  readonly #log: Log;
  #closing: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Gives back what was opened, so that opening and noting it are one expression. */
  add<Opened>(name: string, opened: Opened, close: (opened: Opened) => Promise<void> | void): Opened {
    this.#steps.push({ name, close: () => close(opened) });
    return opened;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#steps.reverse()) {
      try {
        await close();
      } catch (error) {
        this.#log.error({ part: name, error }, 'a part could not be closed cleanly');
      }
    }
  }
}
