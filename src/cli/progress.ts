/**
 * Signs of life for whatever takes longer than two seconds: one line that is rewritten on a terminal, a line now and
 * then elsewhere. Always on standard error.
 */
const FIRST_AFTER_MS = 2000;
const EVERY_MS = 1000;
/** Where lines pile up (a log, a pipe), seldom is enough. */
const EVERY_MS_WITHOUT_TERMINAL = 30_000;

export interface Progress {
  /** What to show from now on. */
  update(text: string): void;
}

/** Runs `work`; shows `text`, or what `work` says, once it has taken two seconds. */
export async function withProgress<Result>(
  text: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const line = new ProgressLine(text);
  try {
    return await work(line);
  } finally {
    line.end();
  }
}

class ProgressLine implements Progress {
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #beganMs = performance.now();
  #timer: NodeJS.Timeout;
  #text: string;
  #isShown = false;

  constructor(text: string) {
    this.#text = text;
    this.#timer = setTimeout(() => this.#show(), FIRST_AFTER_MS);
  }

  update(text: string): void {
    this.#text = text;
    if (this.#isShown && this.#isTerminal) this.#draw();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isShown && this.#isTerminal) process.stderr.write('\r\u001b[K');
  }

  #show(): void {
    this.#isShown = true;
    this.#draw();
    this.#timer = setTimeout(() => this.#show(), this.#isTerminal ? EVERY_MS : EVERY_MS_WITHOUT_TERMINAL);
  }

  #draw(): void {
    const seconds = Math.round((performance.now() - this.#beganMs) / 1000);
    const line = `${this.#text} (${seconds} s)`;
    process.stderr.write(this.#isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  }
}
