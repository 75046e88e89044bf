/**
 * Sets modification times over REST (protocol notes 3.5). Calls made close together travel in one `$batch` with a read
 * of each file behind the writes, so that every caller learns what the server made of it: the text of a date is read
 * in a locale that we do not know, sometimes to the minute only. Where `$batch` is refused, requests go singly.
 */
import { randomUUID } from 'node:crypto';
import {
  DriveError,
  type DriveItem,
  type DrivePath,
  type Lane,
  type ModifiedOptions,
  type RequestOptions,
} from '../../drive/index.js';
import { bytesBody, readText } from '../http/body.js';
import { followedByMany } from '../http/linked-abort.js';
import { type BatchAnswer, type BatchOperation, parseBatch, writeBatch } from '../wire/batch.js';
import { driveErrorOf } from '../wire/drive-error.js';
import { DATE_WRITINGS } from '../wire/form-date.js';
import { fieldFailure } from '../wire/form-result.js';
import { fileFromRest } from '../wire/rest-file.js';
import { restUrl } from '../wire/rest-url.js';
import { DateChoice } from './date-choice.js';
import { caughtUp, isGranted, type Outcome, type Wish } from './modified-wish.js';
import { type Asking, accepted, errorText, type Remote } from './remote.js';
import type { RestClient } from './rest-client.js';
import { unwrapped } from './rest-client.js';
import { isServiceFailure } from './server-ways.js';
import { stat } from './stat.js';

/** Calls within this time of each other travel together; the spool lets times come due at the same moment. */
const GATHER_MS = 200;
/** A write and a read for each; a batch takes 100 operations (protocol notes 5.1). */
const MOST_PER_BATCH = 50;
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;
const FILE = 'web/GetFileByServerRelativePath(decodedurl={path})';
const FOLDER = 'web/GetFolderByServerRelativePath(decodedurl={path})';
/** `$batch` itself is not offered. */
const BATCH_REFUSED = new Set([400, 403, 404, 405, 415, 501]);

export class ModifiedBatcher {
  readonly #remote: Remote;
  readonly #rest: RestClient;
  #gathered: Wish[] = [];
  readonly #choice: DateChoice;

  constructor(remote: Remote, rest: RestClient) {
    this.#remote = remote;
    this.#rest = rest;
    this.#choice = new DateChoice(remote.ways);
  }

  /** False once the server refused to set times at all. */
  get works(): boolean {
    return this.#remote.ways.mayTry('set-times');
  }

  /** Resolves with the item as the server has it then; its time may be rounded. */
  set(path: DrivePath, modifiedMs: number, options: ModifiedOptions): Promise<DriveItem> {
    if (options.signal.aborted) return Promise.reject(options.signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => reject(options.signal.reason);
      followedByMany(options.signal).addEventListener('abort', leave, { once: true });
      const done = () => options.signal.removeEventListener('abort', leave);
      this.#gather({
        path,
        modifiedMs: Math.floor(modifiedMs / 1000) * 1000,
        options,
        resolve: (item) => {
          done();
          resolve(item);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
    });
  }

  #gather(wish: Wish): void {
    this.#gathered.push(wish);
    if (this.#gathered.length >= MOST_PER_BATCH) this.#flush();
    if (this.#gathered.length !== 1) return;
    this.#remote.clock.sleep(GATHER_MS, new AbortController().signal).then(() => this.#flush(), wish.reject);
  }

  #flush(): void {
    const wishes = this.#gathered.filter(({ options }) => !options.signal.aborted);
    this.#gathered = [];
    if (wishes.length > 0) void this.#grant(wishes);
  }

  /** Never rejects: every wish hears for itself. */
  async #grant(wishes: readonly Wish[]): Promise<void> {
    try {
      let open = wishes;
      const tried: number[] = [];
      for (let next = this.#choice.next(tried); open.length > 0 && next !== null; ) {
        const outcomes = await this.#outcomes(open, next);
        tried.push(next);
        next = this.#choice.isProven(next) ? null : this.#choice.next(tried);
        open = this.#stillOpen(open, outcomes, next === null);
      }
    } catch (error) {
      await Promise.all(wishes.map(async (wish) => this.#answer(wish, await this.#refusal(wish, error))));
    }
  }

  /** Of one attempt, when nothing that lags behind hides them any more. */
  async #outcomes(wishes: readonly Wish[], writing: number): Promise<readonly Outcome[]> {
    const choice = this.#choice;
    const first = await this.#attempt(wishes, writing);
    const outcomes = choice.isWrong(writing)
      ? first
      : await caughtUp(this.#remote, wishes, first, choice.isProven(writing));
    for (const [index, outcome] of outcomes.entries()) {
      // What it complains about may be the file, and a folder's time is its own affair: neither tells of the writing.
      if (!('item' in outcome) || outcome.complaint !== null || outcome.item.kind === 'folder') continue;
      const errorMs = outcome.item.modifiedMs - wishes[index]!.modifiedMs;
      if (errorMs !== 0) choice.cameOutWrong(writing, errorMs);
    }
    const granted = wishes.find((wish, index) => isGranted(wish, outcomes[index]!));
    if (granted === undefined) return outcomes;
    choice.cameOutRight(writing, granted.modifiedMs);
    this.#remote.ways.works('set-times');
    return outcomes;
  }

  /** Those for which another writing of the date is worth trying; all others hear what came of theirs. */
  #stillOpen(wishes: readonly Wish[], outcomes: readonly Outcome[], isLast: boolean): readonly Wish[] {
    const { log } = this.#remote;
    return wishes.filter((wish, index) => {
      const outcome = outcomes[index]!;
      const isExact = 'item' in outcome && outcome.item.modifiedMs === wish.modifiedMs;
      if ('item' in outcome && !isExact && !isLast) {
        wish.options.onVersion?.(outcome.item.version);
        return true;
      }
      if ('item' in outcome && !isExact)
        log.debug({ path: wish.path, complaint: outcome.complaint }, 'the server keeps another time');
      this.#answer(wish, outcome);
      return false;
    });
  }

  #answer(wish: Wish, outcome: Outcome): void {
    if ('error' in outcome) wish.reject(outcome.error);
    else wish.resolve(outcome.item);
  }

  async #attempt(wishes: readonly Wish[], writing: number): Promise<Outcome[]> {
    if (this.#remote.ways.mayTry('batch') && wishes.length > 1) {
      const outcomes = await this.#batch(wishes, writing);
      if (outcomes !== null) return outcomes;
      this.#remote.ways.refused('batch');
    }
    return Promise.all(wishes.map((wish) => this.#single(wish, writing)));
  }

  /** Null when the server takes no batches. */
  async #batch(wishes: readonly Wish[], writing: number): Promise<Outcome[] | null> {
    const id = randomUUID();
    const writes = wishes.map((wish) => this.#write(wish, writing));
    const reads = wishes.map((wish) => this.#read(wish));
    const asking: Asking = {
      headers: { 'content-type': `multipart/mixed; boundary="batch_${id}"`, accept: 'multipart/mixed' },
      body: bytesBody(writeBatch(writes, reads, id)),
    };
    const response = await this.#rest.post({ path: '$batch' }, sharedOptions(wishes), asking);
    if (BATCH_REFUSED.has(response.status)) {
      response.body.cancel();
      return null;
    }
    await accepted(response, 'setModified', '$batch');
    const answers = parseBatch(await readText(response, LONGEST_ANSWER_BYTES));
    if (answers.length !== writes.length + reads.length) return null;
    return Promise.all(
      wishes.map((wish, index) =>
        this.#judge(wish, writing, answers[index]!, answers[index + writes.length]!),
      ),
    );
  }

  async #judge(wish: Wish, writing: number, write: BatchAnswer, read: BatchAnswer): Promise<Outcome> {
    // it may be a folder, which a path does not tell: asked singly
    if (write.status === 404) return this.#single(wish, writing);
    if (write.status >= 400) return this.#refusedInBatch(wish, writing, refusalOf(wish, write));
    const item = read.status < 300 ? fileFromRest(jsonIn(read.text), wish.path) : null;
    return {
      item: item ?? (await stat(this.#remote, wish.path, wish.options)),
      complaint: fieldFailure(write.text),
    };
  }

  /** Some servers judge a part as a request of its own, without the outer one's digest and session: asked singly. */
  async #refusedInBatch(wish: Wish, writing: number, error: DriveError): Promise<Outcome> {
    if (!isServiceFailure(error) && error.kind !== 'signed-out') return this.#refusal(wish, error);
    const outcome = await this.#single(wish, writing);
    const isTaken = 'item' in outcome && outcome.item.modifiedMs === wish.modifiedMs;
    if (isTaken && outcome.complaint === null) this.#remote.ways.refused('batch');
    return outcome;
  }

  /**
   * "Not there" is what a server without this service says, and one that lags behind of what we just made: once it shows
   * the item it is asked again, for a service that seems not to be there is not asked for a week.
   */
  async #single(wish: Wish, writing: number): Promise<Outcome> {
    try {
      const outcome = await this.#update(wish, writing);
      if (outcome !== null) return outcome;
      await stat(this.#remote, wish.path, wish.options);
      const again = this.works ? await this.#update(wish, writing) : null;
      if (again !== null) return again;
      return await this.#refusal(wish, new DriveError('absent', `${wish.path}: not found`, { status: 404 }));
    } catch (error) {
      return this.#refusal(wish, error);
    }
  }

  /** Null: the server has neither a file nor a folder there, or not this service. */
  async #update(wish: Wish, writing: number): Promise<Outcome | null> {
    for (const kind of [FILE, FOLDER]) {
      const response = await this.#rest.postJson(
        updateCall(kind, this.#serverPath(wish)),
        form(wish, writing),
        wish.options,
      );
      const answer = { status: response.status, text: await errorText(response) };
      if (answer.status === 404) continue;
      if (answer.status >= 400) return this.#refusal(wish, refusalOf(wish, answer));
      const item = await stat(this.#remote, wish.path, wish.options);
      return { item, complaint: fieldFailure(answer.text) };
    }
    return null;
  }

  /** A server that never set a time for us does not offer it, as far as anybody can tell: the item keeps its own. */
  async #refusal(wish: Wish, error: unknown): Promise<Outcome> {
    const { ways } = this.#remote;
    if (!(error instanceof DriveError) || !isServiceFailure(error) || ways.isProven('set-times'))
      return { error };
    try {
      const item = await stat(this.#remote, wish.path, wish.options);
      ways.refused('set-times');
      return { item, complaint: error.message };
    } catch (gone) {
      return { error: gone };
    }
  }

  #write(wish: Wish, writing: number): BatchOperation {
    const url = restUrl(this.#rest.webUrl, updateCall(FILE, this.#serverPath(wish)));
    return { method: 'POST', url, body: JSON.stringify(form(wish, writing)) };
  }

  #read(wish: Wish): BatchOperation {
    const query = '$select=Name,Length,TimeLastModified,TimeCreated,UniqueId,ETag,ServerRelativeUrl';
    const url = restUrl(this.#rest.webUrl, { path: FILE, values: { path: this.#serverPath(wish) }, query });
    return { method: 'GET', url, body: null };
  }

  #serverPath({ path }: Wish): string {
    return this.#remote.locations.serverPath(path);
  }
}

function refusalOf({ path }: Wish, { status, text }: BatchAnswer): DriveError {
  return driveErrorOf({ status, headers: {}, text }, 'setModified', path);
}

function updateCall(kind: string, path: string) {
  return { path: `${kind}/ListItemAllFields/ValidateUpdateListItem`, values: { path } };
}

/** `bNewDocumentUpdate`: no version of its own for the new time (protocol notes 3.5). */
function form({ modifiedMs }: Wish, writing: number) {
  return {
    formValues: [{ FieldName: 'Modified', FieldValue: DATE_WRITINGS[writing]!(modifiedMs) }],
    bNewDocumentUpdate: true,
    checkInComment: null,
    datesInUTC: true,
  };
}

/** A batch is for all of them: it ends early for nobody's sake, and hurries when one of them does. */
function sharedOptions(wishes: readonly Wish[]): RequestOptions {
  const lane: Lane = wishes.some(({ options }) => options.lane === 'interactive') ? 'interactive' : 'bulk';
  return { lane, signal: new AbortController().signal };
}

function jsonIn(text: string): unknown {
  try {
    return unwrapped(JSON.parse(text));
  } catch {
    return null;
  }
}
