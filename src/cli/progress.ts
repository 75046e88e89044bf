/**
 * Signs of life for whatever takes longer than two seconds: one line on standard error, rewritten, and only on a
 * terminal. What a script reads there is the outcome and nothing else (cli.md: one clear line; one per refused entry).
 */
const FIRST_AFTER_MS = 2000;
const EVERY_MS = 1000;

export interface Progress {
  /** What to show from now on. */
  update(text: string): void;
}

/** Runs `work`; shows `text`, or what `work` says, once it has taken two seconds. */
export async function withProgress<Result>(
  text: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  if (process.stderr.isTTY !== true) return work({ update: () => undefined });
  const line = new ProgressLine(text);
  try {
    return await work(line);
  } finally {
    line.end();
  }
}

class ProgressLine implements Progress {
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
    if (this.#isShown) this.#draw();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isShown) process.stderr.write('\r\u001b[K');
  }

  #show(): void {
    this.#isShown = true;
    this.#draw();
    this.#timer = setTimeout(() => this.#show(), EVERY_MS);
  }

  #draw(): void {
    const seconds = Math.round((performance.now() - this.#beganMs) / 1000);
    process.stderr.write(`\r\u001b[K${this.#text} (${seconds} s)`);
  }
}
