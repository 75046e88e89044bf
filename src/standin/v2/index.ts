/** The drive API at `_api/v2.0` and `v2.1` (protocol notes 3.7): by bearer, unless a switch lets cookies in. */
import { BadEncoding } from '../encoding.js';
import { Refusal } from '../refusal.js';
import { BodyTooLarge, type StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import type { Site } from '../sites.js';
import { TooManyBytes } from '../store/content-vault.js';
import type { World } from '../world.js';
import { delta } from './delta.js';
import { driveJson } from './drive-item.js';
import { FragmentUploads } from './fragment-uploads.js';
import { driveIdOf } from './item-id.js';
import {
  createFolder,
  deleteItem,
  getContent,
  getItem,
  type ItemOperation,
  listChildren,
  patchItem,
  putContent,
} from './items.js';
import { jsonBatch } from './json-batch.js';
import { TempLinks } from './temp-links.js';
import { V2Call } from './v2-call.js';
import {
  invalidRequest,
  itemNotFound,
  unauthenticated,
  V2Error,
  v2ErrorAnswer,
  v2Refusal,
} from './v2-error.js';

const PATH = /^(.*)\/_api\/(v2\.[01])\/(.*)$/i;

/** What a path says before anybody looks at the drive. */
interface V2Path {
  readonly sitePath: string;
  readonly version: string;
  readonly rest: string;
}

export class DriveApi {
  readonly links: TempLinks;
  readonly uploads = new FragmentUploads();
  readonly #world: World;
  readonly #operations: Readonly<Record<string, ItemOperation>>;

  constructor(world: World) {
    this.#world = world;
    this.links = new TempLinks(world.random.bytes(32), world.clock);
    this.#operations = {
      'GET ': getItem,
      'HEAD ': getItem,
      'PATCH ': patchItem,
      'DELETE ': deleteItem,
      'GET children': listChildren,
      'POST children': createFolder,
      'GET content': getContent,
      'HEAD content': getContent,
      'PUT content': putContent,
      'GET delta': delta,
      'POST createuploadsession': this.uploads.create,
    };
  }

  takes(request: StandinRequest): boolean {
    return PATH.test(request.path);
  }

  /** Answers the URLs that carry their own permission. */
  answerFragment(request: StandinRequest): Promise<void> {
    return this.#inWords(request, () => this.uploads.answer(request));
  }

  answer(request: StandinRequest, session: Session): Promise<void> {
    return this.#inWords(request, async () => {
      if (session.proof !== 'bearer' && !this.#world.switches.v2Cookies) throw unauthenticated();
      const path = pathOf(request);
      if (path.rest.toLowerCase() === '$batch') {
        const prefix = `${path.sitePath}/_api/${path.version}`;
        return jsonBatch(request, prefix, (inner) =>
          this.#inWords(inner, () => this.#act(inner, session, pathOf(inner))),
        );
      }
      await this.#act(request, session, path);
    });
  }

  async #act(request: StandinRequest, session: Session, path: V2Path): Promise<void> {
    const own = this.#siteAt(request, path, session);
    if (!/^(?:me\/)?drives?(?:\/|$)/i.test(path.rest)) throw itemNotFound();
    const { site, after } = this.#driveIn(own, path.rest);
    if (site.owner !== null && site.owner !== session.user)
      throw new V2Error(403, 'accessDenied', 'Access denied.');
    const call = new V2Call(this.#world, { request, session, site, version: path.version });
    if (after === null) return call.replyJson(200, { value: [driveJson(call)] });
    if (after === '') return call.replyJson(200, driveJson(call));
    const address = call.addressOf(after);
    const action = address.action
      .toLowerCase()
      .replace(/^(microsoft\.graph|onedrive)\./, '')
      .replace(/\(.*$/, '');
    const operation = this.#operations[`${request.method} ${action}`];
    if (operation === undefined) throw invalidRequest(`${request.method} ${action} is not known here.`);
    await operation(call, address, this.links);
  }

  /** The drive that a path names, and what follows it; null for the collection of drives. */
  #driveIn(own: Site, rest: string): { site: Site; after: string | null } {
    const plural = /^(?:me\/)?drives(?:\/([^/]+))?(?:\/(.*))?$/i.exec(rest);
    if (plural === null) return { site: own, after: rest.replace(/^(?:me\/)?drive\/?/i, '') };
    if (plural[1] === undefined) return { site: own, after: null };
    const id = decodeURIComponent(plural[1]);
    const site = this.#world.sites.all.find(
      (one) => driveIdOf(one.store.listId) === id || one.store.listId === id.toLowerCase(),
    );
    if (site === undefined) throw itemNotFound();
    return { site, after: plural[2] ?? '' };
  }

  /** The site in the URL; at the root of the host the user's own. */
  #siteAt(request: StandinRequest, path: V2Path, session: Session): Site {
    const names = decodeURIComponent(path.sitePath)
      .split('/')
      .filter((name) => name !== '');
    const site =
      names.length === 0
        ? this.#world.sites.personalOf(session.user)
        : this.#world.sites.find(request.role, names)?.site;
    if (site === undefined) throw itemNotFound();
    return site;
  }

  async #inWords(request: StandinRequest, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const told = wordsFor(error);
      if (told === null || request.replied) throw error;
      await request.reply(v2ErrorAnswer(told));
    }
  }
}

function pathOf(request: StandinRequest): V2Path {
  const [, sitePath, version, rest] = PATH.exec(request.path) ?? [];
  if (rest === undefined) throw itemNotFound();
  return { sitePath: sitePath ?? '', version: version!.toLowerCase(), rest: rest.replace(/\/+$/, '') };
}

function wordsFor(error: unknown): V2Error | null {
  if (error instanceof V2Error) return error;
  if (error instanceof Refusal) return v2Refusal(error);
  if (error instanceof BadEncoding || error instanceof URIError) return invalidRequest(error.message);
  const isTooLarge = error instanceof TooManyBytes || error instanceof BodyTooLarge;
  return isTooLarge ? new V2Error(413, 'invalidRequest', 'The body is too large.') : null;
}
