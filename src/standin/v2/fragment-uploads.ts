/**
 * Upload sessions of the v2 API (protocol notes 3.7): fragments in order, multiples of 320 KiB, to a URL that carries
 * its own permission; an Authorization header there is an error.
 */
import type { StandinRequest } from '../request.js';
import type { ContentParts } from '../store/content-vault.js';
import { itemJson, timeText } from './drive-item.js';
import { conditionOf, freeName, type ItemOperation, timesIn } from './items.js';
import type { Address, V2Call } from './v2-call.js';
import { invalidRequest, itemNotFound, jsonAnswer, V2Error } from './v2-error.js';

const FRAGMENT_STEP = 327_680;
const FRAGMENT_LIMIT = 60 * 1024 * 1024;
const SESSION_MS = 7 * 86_400_000;
const SESSION_LIMIT = 1000;

interface FragmentSession {
  /** The call that created it: the fragments come without any credentials of their own. */
  readonly call: V2Call;
  readonly names: readonly string[];
  readonly behaviour: string;
  readonly fileSystemInfo: unknown;
  readonly parts: ContentParts;
  readonly untilMs: number;
}

/** `bytes 0-9/100` */
interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

export class FragmentUploads {
  readonly #sessions = new Map<string, FragmentSession>();

  get create(): ItemOperation {
    return async (call, at) => {
      const body = await call.json();
      const wish = (body.item ?? {}) as Readonly<Record<string, unknown>>;
      const behaviour = String(
        wish['@microsoft.graph.conflictBehavior'] ?? wish['@name.conflictBehavior'] ?? 'replace',
      );
      call.library.checkPut(at.names, { ...conditionOf(call), overwrite: true });
      await this.#makeRoom();
      const id = call.world.random.guid();
      const untilMs = call.world.clock.now() + SESSION_MS;
      const parts = call.world.vault.startParts();
      this.#sessions.set(id, {
        call,
        names: at.names,
        behaviour,
        fileSystemInfo: wish.fileSystemInfo,
        parts,
        untilMs,
      });
      await call.replyJson(200, {
        uploadUrl: `${call.baseUrl}/drive/items/${folderId(call, at)}/uploadSession?guid='${id}'&overwrite=${behaviour === 'replace'}`,
        expirationDateTime: timeText(untilMs),
        nextExpectedRanges: ['0-'],
      });
    };
  }

  /** True for the URLs that `create` hands out. */
  takes(request: StandinRequest): boolean {
    return /\/_api\/v2\.[01]\/.*\/uploadSession$/i.test(request.path) && request.query.has('guid');
  }

  async answer(request: StandinRequest): Promise<void> {
    if (request.headers.authorization !== undefined)
      throw new V2Error(401, 'unauthenticated', 'No credentials here.');
    const id = (request.query.get('guid') ?? '').replace(/'/g, '').toLowerCase();
    const session = this.#sessions.get(id);
    if (session === undefined || session.untilMs <= session.call.world.clock.now()) throw itemNotFound();
    switch (request.method) {
      case 'PUT':
        return this.#take(request, session, id);
      case 'GET':
        return request.reply(jsonAnswer(200, statusOf(session)));
      case 'DELETE':
        this.#sessions.delete(id);
        await session.parts.discard();
        return request.reply({ status: 204 });
      default:
        throw invalidRequest('The method is not allowed.');
    }
  }

  async #take(request: StandinRequest, session: FragmentSession, id: string): Promise<void> {
    const range = rangeOf(request);
    checkFragment(session, range);
    const before = session.parts.size;
    await session.parts.append(request.body, range.end - range.start + 1);
    if (session.parts.size - before !== range.end - range.start + 1) {
      throw invalidRequest('The body is not as long as Content-Range says.');
    }
    if (session.parts.size < range.total) return request.reply(jsonAnswer(202, statusOf(session)));
    await this.#finish(request, session, id);
  }

  async #finish(request: StandinRequest, session: FragmentSession, id: string): Promise<void> {
    const { call } = session;
    const names = session.behaviour === 'rename' ? renamed(call, session.names) : session.names;
    // A conflict leaves the session as it is, so that the client may decide (notes 3.7: 409 at the end).
    call.library.checkPut(names, { overwrite: session.behaviour !== 'fail' }, session.parts.size);
    this.#sessions.delete(id);
    const content = await session.parts.finish();
    const { file, created } = call.library.putFile(names, content, {});
    const times = timesIn(session.fileSystemInfo);
    if (times !== null) call.library.setTimes(file, times, false);
    await request.reply(jsonAnswer(created ? 201 : 200, itemJson(call, file)));
  }

  async #makeRoom(): Promise<void> {
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size < SESSION_LIMIT || oldest === undefined) return;
    await this.#sessions.get(oldest)!.parts.discard();
    this.#sessions.delete(oldest);
  }
}

function statusOf(session: FragmentSession) {
  return { expirationDateTime: timeText(session.untilMs), nextExpectedRanges: [`${session.parts.size}-`] };
}

function rangeOf(request: StandinRequest): ContentRange {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(request.headers['content-range'] ?? ''));
  if (match === null) throw invalidRequest('Content-Range is missing or malformed.');
  return { start: Number(match[1]), end: Number(match[2]), total: Number(match[3]) };
}

function checkFragment(session: FragmentSession, { start, end, total }: ContentRange): void {
  const length = end - start + 1;
  if (length <= 0 || end >= total) throw invalidRequest('Content-Range is not valid.');
  if (length >= FRAGMENT_LIMIT) throw new V2Error(413, 'invalidRequest', 'The fragment is too large.');
  if (end + 1 < total && length % FRAGMENT_STEP !== 0) {
    throw invalidRequest(`The fragment is not a multiple of ${FRAGMENT_STEP} bytes.`);
  }
  if (start === session.parts.size) return;
  throw new V2Error(416, 'invalidRange', `The next expected range begins at ${session.parts.size}.`);
}

function renamed(call: V2Call, names: readonly string[]): readonly string[] {
  const folder = names.slice(0, -1);
  return [...folder, freeName(call, folder, names.at(-1)!)];
}

function folderId(call: V2Call, at: Address): string {
  return String(itemJson(call, call.item(at.names.slice(0, -1))).id);
}
