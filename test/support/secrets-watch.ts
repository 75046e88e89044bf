/**
 * Looks for secrets wherever they must not be: in the arguments and the environment of every process that ran meanwhile,
 * and in every file that was left.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const LOOK_EVERY_MS = 40;
/** Shorter values may stand anywhere by chance. */
const SHORTEST_SECRET = 8;
/** A secret that was cut is one still. */
const TELLING_PART = 40;

export class ProcessWatch {
  readonly seen = new Set<string>();
  /** Processes that ran before it began, kernel threads above all: they are looked at once and learn nothing of ours. */
  #older: ReadonlySet<string> = new Set();
  readonly #timer: NodeJS.Timeout;

  constructor(context: { after(clean: () => void): void }) {
    this.#older = new Set(this.#look());
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    context.after(() => this.stop());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): string[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    // A number that was free for a while may be somebody else's by now.
    const present = new Set(pids);
    this.#older = new Set([...this.#older].filter((pid) => present.has(pid)));
    for (const pid of pids) {
      if (this.#older.has(pid) || pid === String(process.pid)) continue;
      for (const name of ['cmdline', 'environ']) {
        const text = readOrNothing(`/proc/${pid}/${name}`);
        if (text !== '') this.seen.add(`${name}: ${text}`);
      }
    }
    return pids;
  }
}

/** Every cookie and token that a stand-in with a state directory ever handed out and did not take back. */
export function handedOut(stateDir: string): string[] {
  const database = new Database(join(stateDir, 'sign-in.db'), { readonly: true });
  try {
    return (database.prepare('SELECT value FROM tickets').all() as { value: string }[]).map(
      ({ value }) => value,
    );
  } finally {
    database.close();
  }
}

/** Where `secrets` were found: names of files, or what a process showed, cut. */
export function leaks(
  secrets: readonly string[],
  places: { readonly folder: string; readonly except: RegExp; readonly processes: ProcessWatch },
): string[] {
  const parts = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf);
  const isLeak = (text: string) => parts.some((part) => text.includes(part));
  const files = readdirSync(places.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !places.except.test(path) && isLeak(readOrNothing(path)));
  const shown = [...places.processes.seen]
    .filter(isLeak)
    .map((text) => text.slice(0, 300).replaceAll('\0', ' '));
  return [...files, ...shown];
}

function formsOf(secret: string): string[] {
  // What all cookies of a kind begin with is no secret; what follows is.
  const part = secret.length > 4 * TELLING_PART ? secret.slice(-2 * TELLING_PART, -TELLING_PART) : secret;
  return [
    part,
    encodeURIComponent(part),
    JSON.stringify(part).slice(1, -1),
    Buffer.from(part).toString('base64'),
  ];
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
