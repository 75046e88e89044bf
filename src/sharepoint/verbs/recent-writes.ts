/**
 * What we wrote a moment ago. A front end that lags behind may still say that it is not there, or show the version
 * before (protocol notes 5.2.6): such an answer about our own fresh write is asked again for a while, and no other one.
 */
import type { Clock } from '../../base/index.js';
import { DriveError, type DriveItem, type DrivePath, type Version } from '../../drive/index.js';
import { revisionIn } from '../wire/etag.js';

const LAG_MS = 5_000;
const FIRST_DELAY_MS = 50;
/** So that the whole of the time above is waited out, not the half. */
const LONGEST_DELAY_MS = 800;
const MOST_REMEMBERED = 10_000;

interface Written {
  /** Null: nobody has seen it yet. */
  readonly version: Version | null;
  readonly untilMs: number;
}

export class RecentWrites {
  readonly #clock: Clock;
  /** In the order of writing. */
  readonly #written = new Map<DrivePath, Written>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** We wrote it: this is the answer that others have to catch up with. */
  wrote(path: DrivePath, item: DriveItem): DriveItem {
    this.#forgetOld();
    this.#written.delete(path);
    this.#written.set(path, { version: item.version, untilMs: this.#clock.monotonic() + LAG_MS });
    return item;
  }

  /** The server said that it is there now, with all that is below it; which version that is nobody has seen yet. */
  expect(path: DrivePath): void {
    if (this.#known(path) !== undefined) return;
    this.#forgetOld();
    this.#written.delete(path);
    this.#written.set(path, { version: null, untilMs: this.#clock.monotonic() + LAG_MS });
  }

  /** It is no longer there by our own doing, with all that was below it. */
  removed(path: DrivePath): void {
    for (const known of this.#written.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.#written.delete(known);
    }
  }

  /**
   * The answer of `ask`; asked again while it speaks of a time before our own write. `wanted`: the version that the
   * question names, so that "changed" is doubted only for what we wrote. `drop`: lets go of an answer that is asked for again.
   */
  async current<Answer extends { readonly version: Version }>(
    path: DrivePath,
    signal: AbortSignal,
    ask: () => Promise<Answer>,
    {
      wanted,
      drop,
    }: { readonly wanted?: Version | undefined; readonly drop?: (answer: Answer) => void } = {},
  ): Promise<Answer> {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const written = this.#known(path) ?? this.#expectedAbove(path);
      if (written === undefined) return ask();
      const isLate = this.#clock.monotonic() + delayMs > written.untilMs;
      try {
        const answer = await ask();
        if (isLate || !isOlder(answer.version, written.version)) return answer;
        drop?.(answer);
      } catch (error) {
        if (isLate || !isLag(error, wanted === written.version)) throw error;
      }
      await this.#clock.sleep(delayMs, signal);
    }
  }

  #known(path: DrivePath): Written | undefined {
    const written = this.#written.get(path);
    return written !== undefined && written.untilMs > this.#clock.monotonic() ? written : undefined;
  }

  /** Of a folder that was moved there, while it is not seen. */
  #expectedAbove(path: DrivePath): Written | undefined {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = this.#known(path.slice(0, end));
      if (above?.version === null) return above;
    }
    return undefined;
  }

  #forgetOld(): void {
    const now = this.#clock.monotonic();
    for (const [path, { untilMs }] of this.#written) {
      if (untilMs > now && this.#written.size < MOST_REMEMBERED) return;
      this.#written.delete(path);
    }
  }
}

function isLag(error: unknown, wantsOurs: boolean): boolean {
  if (!(error instanceof DriveError)) return false;
  return error.kind === 'absent' || (error.kind === 'changed' && wantsOurs);
}

/** Only counters can be compared; other versions are as new as they say. */
function isOlder(seen: Version, written: Version | null): boolean {
  if (written === null) return false;
  const [before, after] = [revisionIn(seen), revisionIn(written)];
  return before !== null && after !== null && seen.split(',')[0] === written.split(',')[0] && before < after;
}
