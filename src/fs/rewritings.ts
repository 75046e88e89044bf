/**
 * What looks like the server's own rewriting of what we uploaded (`ServerRewriting`) is believed at once: the size and the
 * bytes that were written here stay. Then its bytes are looked at. If somebody's edit came in just that minute, it is an edit
 * after all; until that is known nothing of ours is sent over it.
 */
import { type CachedContent, collectRange } from '../cache/index.js';
import { DriveError, type DriveItem } from '../drive/index.js';
import {
  type Ending,
  endsAsRewritingOf,
  type Ino,
  isRewritingOf,
  type Written,
  zipParts,
} from '../spool/index.js';
import type { FileSystem } from './file-system.js';
import type { Inode } from './inode.js';
import { isMadeFrom } from './made-from.js';
import { ServerRewriting } from './server-rewriting.js';

/** Of larger contents only the end is looked at. One at a time is in memory, ours and theirs. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Where an Office document tells what is in it. */
const END_BYTES = 1024 * 1024;
/** More than these are believed: a server that rewrites thousands of our files at a time is no editor. */
const MOST_WAITING = 32;
/** So long nothing is sent for the sake of knowing. */
const LONGEST_LOOK_MS = 20_000;
/** Where a front end does not show that version (protocol notes 5.2.6). */
const LAG_PAUSES_MS = [500, 1_500, 4_000];

interface Rewriting {
  readonly ino: Ino;
  readonly before: DriveItem;
  readonly item: DriveItem;
  /** What is remembered of the file. */
  readonly written: Written | null;
}

export class Rewritings {
  readonly #fs: FileSystem;
  readonly #believed: ServerRewriting;
  /** By file: resolves when it is known. */
  readonly #looks = new Map<Ino, Promise<void>>();
  #last: Promise<void> = Promise.resolve();

  constructor(fs: FileSystem) {
    this.#fs = fs;
    this.#believed = new ServerRewriting(fs.clock);
  }

  /** What there is to remember of it, where it may be rewritten. */
  uploaded(item: DriveItem): Pick<Written, 'sentAtMs'> {
    return this.#believed.uploaded(item);
  }

  /** Another version of what the server may rewrite. */
  concerns(before: DriveItem, item: DriveItem): boolean {
    return this.#believed.concerns(before, item);
  }

  /** True when `item` is the server's work: what we have is that. `onEdit`: it has turned out to be somebody's. */
  believes(rewriting: Rewriting, onEdit: () => void): boolean {
    const { ino, before, item, written } = rewriting;
    const isWritten = written?.forVersion === before.version;
    if (
      !(isWritten || isMadeFrom(this.#fs.spool.owed(ino), before.version)) ||
      !this.#believed.explains(before, item, written)
    )
      return false;
    this.#step(ino, before, item);
    if (this.#looks.size < MOST_WAITING) this.#look(rewriting, onEdit);
    return true;
  }

  /** Resolves when nothing of the file is in doubt. */
  async settled(ino: Ino): Promise<void> {
    await this.#looks.get(ino);
  }

  /** What was based on the version `from` is based on `to`. */
  #step(ino: Ino, from: DriveItem, to: DriveItem): void {
    const { spool, content, inodes } = this.#fs;
    const written = spool.attributes(ino)?.written;
    if (written?.forVersion === from.version)
      spool.setAttributes(ino, { written: { size: written.size, forVersion: to.version } });
    else spool.rewritten(ino, from.version, to.version);
    content.renameVersion(to.id, from.version, to.version);
    const inode: Inode | undefined = inodes.byIno(ino);
    if (inode?.pagesKey === from.version) inode.pagesKey = to.version;
  }

  #look(rewriting: Rewriting, onEdit: () => void): void {
    const { ino } = rewriting;
    const look = this.#last.then(async () => {
      try {
        if (await this.#isEdit(rewriting)) this.#edited(rewriting, onEdit);
      } catch (error) {
        this.#fs.log.debug({ error }, 'what looks like the work of the server could not be looked at');
      } finally {
        if (this.#looks.get(ino) === look) this.#looks.delete(ino);
      }
    });
    this.#looks.set(ino, look);
    this.#last = look;
  }

  #edited({ ino, before, item }: Rewriting, onEdit: () => void): void {
    if (this.#fs.tree.peek(item.id)?.version !== item.version) return;
    this.#step(ino, item, before);
    onEdit();
  }

  async #isEdit({ before, item }: Rewriting): Promise<boolean> {
    const { content, clock, stopping } = this.#fs;
    if (!content.isComplete(item.id, item.version)) return false;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(LONGEST_LOOK_MS)]);
    const cached = content.open(item.id, item.version, before.size);
    try {
      const isLarge = Math.max(item.size, cached.size) > MOST_BYTES;
      const ours = await endOf(cached, isLarge ? cached.size - END_BYTES : 0, signal);
      if (isLarge && zipParts(ours.bytes, ours.startsAt) === null) return false;
      for (const pauseMs of LAG_PAUSES_MS) {
        const asked = this.#server(item, isLarge ? item.size - END_BYTES : 0, signal);
        const theirs = await asked.catch((error: unknown) => unlessLagging(error));
        if (theirs !== null) return isEditOf(ours, theirs, isLarge);
        await clock.sleep(pauseMs, signal);
      }
      return false;
    } finally {
      cached.close();
    }
  }

  /** What the server has from `startsAt` on, and no more of it than can be looked at. Null: it is nowhere now. */
  async #server({ id, version }: DriveItem, startsAt: number, signal: AbortSignal): Promise<Ending | null> {
    const path = this.#fs.tree.pathOf(id);
    if (path === undefined) return null;
    const range = { offset: startsAt, length: 2 * MOST_BYTES + 1 };
    const part = startsAt === 0 ? {} : { range };
    const stream = await this.#fs.drive.read(path, { signal, lane: 'bulk', version, ...part });
    return { startsAt, bytes: await collectRange(stream, range) };
  }
}

/** A front end that lags behind shows another version, or none. */
function unlessLagging(error: unknown): null {
  if (error instanceof DriveError && (error.kind === 'changed' || error.kind === 'absent')) return null;
  throw error;
}

function isEditOf(ours: Ending, theirs: Ending, isLarge: boolean): boolean {
  if (theirs.bytes.length > 2 * MOST_BYTES) return false;
  const isOurs = isLarge ? endsAsRewritingOf(ours, theirs) : isRewritingOf(ours.bytes, theirs.bytes);
  return isOurs === false;
}

async function endOf(cached: CachedContent, startsAt: number, signal: AbortSignal): Promise<Ending> {
  const parts: Uint8Array[] = [];
  for (let at = startsAt; at < cached.size; ) {
    const bytes = await cached.read(at, cached.size - at, signal);
    if (bytes.length === 0) break;
    parts.push(Buffer.from(bytes));
    at += bytes.length;
  }
  return { startsAt, bytes: Buffer.concat(parts) };
}
