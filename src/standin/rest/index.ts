/**
 * The REST service (protocol notes 3): finds the web a path belongs to, asks for a digest where one is due, walks the
 * calls of the path, and answers errors in the service's words.
 */
import { serveFile } from '../download.js';
import { BadEncoding } from '../encoding.js';
import type { InnerRequest } from '../inner-request.js';
import { ReadView } from '../read-view.js';
import { Refusal } from '../refusal.js';
import { BodyTooLarge, type StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import { namesInLibrary, type Place, type Site } from '../sites.js';
import { foldName } from '../store/item.js';
import type { World } from '../world.js';
import { batch } from './batch.js';
import { contextInfo, type DigestWeb } from './context-info.js';
import { Digests } from './digests.js';
import { addStub } from './file-operations.js';
import { BadRestPath, parseRestPath, type Segment } from './odata-path.js';
import { actOn, operationOf } from './operations.js';
import { type Resource, stepFrom } from './resource.js';
import { RestCall } from './rest-call.js';
import {
  accessDenied,
  badDigest,
  badQuery,
  RestError,
  refusalError,
  tooBig,
  unknownResource,
} from './rest-error.js';
import { errorAnswer, shapeOf } from './shapes.js';
import { UploadSessions } from './upload-sessions.js';

const ROOT_WEB = 'the root web of the host';

export class Rest {
  readonly #world: World;
  readonly #digests: Digests;
  readonly #sessions: UploadSessions;

  constructor(world: World) {
    this.#world = world;
    this.#digests = new Digests(world.random.bytes(32));
    this.#sessions = new UploadSessions(world.clock, world.vault);
  }

  takes(names: readonly string[]): boolean {
    return names.some((name) => foldName(name) === '_api');
  }

  async answer(request: StandinRequest, session: Session): Promise<void> {
    await this.#inWords(request, async () => {
      const { site, rest } = this.#webOf(request);
      if (site?.owner && site.owner !== session.user) throw accessDenied();
      if (foldName(rest).replace(/\/$/, '') === 'contextinfo') {
        this.#checkOffered('contextinfo');
        return this.#contextInfo(request, session, site);
      }
      this.#checkDigest(request, session, site);
      if (site === null) throw unknownResource();
      const call = new RestCall(this.#world, request, session, site);
      if (foldName(rest) === '$batch') this.#checkOffered('$batch');
      if (foldName(rest) === '$batch') return batch(call, (inner) => this.#answerInner(inner, session, site));
      await this.#walk(call, rest);
    });
  }

  /** `_layouts/15/download.aspx?SourceUrl=` or `?UniqueId=` (notes 3.2). */
  async download(request: StandinRequest, place: Place): Promise<void> {
    const { site } = place;
    const view = new ReadView(this.#world, site);
    const id = request.query.get('UniqueId');
    const source = (request.query.get('SourceUrl') ?? '').replace(/^https?:\/\/[^/]*/i, '');
    const found = this.#world.sites.find(
      request.role,
      source.split('/').filter((name) => name !== ''),
    );
    const names = found?.site === site ? namesInLibrary(found) : null;
    const file = id === null ? names && view.find(names) : site.store.byGuid(id);
    if (file?.kind !== 'file') return request.reply({ status: 404 });
    await serveFile({ world: this.#world, request, site, view, file, honoursRange: true });
  }

  async #answerInner(inner: InnerRequest, session: Session, outerSite: Site): Promise<void> {
    await this.#inWords(inner, async () => {
      const { site, rest } = this.#webOf(inner);
      if (site !== outerSite) throw badQuery('The parts of a batch must be of the same site.');
      if (this.#world.switches.batchDigest === 'each') this.#checkDigest(inner, session, site);
      await this.#walk(new RestCall(this.#world, inner, session, site), rest);
    });
  }

  /** The site that a path belongs to, or null for the root of the host; and what follows `_api/`. */
  #webOf(request: StandinRequest): { site: Site | null; rest: string } {
    const marker = /\/_api(?:\/|$)/i.exec(request.path);
    if (marker === null) throw unknownResource();
    const siteNames = decodeURIComponent(request.path.slice(0, marker.index))
      .split('/')
      .filter((name) => name !== '');
    const place = this.#world.sites.find(request.role, siteNames);
    if (siteNames.length > 0 && (place === undefined || place.names.length > 0)) throw unknownResource();
    return {
      site: place?.site ?? null,
      rest: decodeURIComponent(request.path.slice(marker.index + marker[0].length)),
    };
  }

  #contextInfo(request: StandinRequest, session: Session, site: Site | null): Promise<void> {
    if (request.method !== 'POST') throw badQuery('The HTTP method is not allowed for contextinfo.');
    const origin = this.#world.hosts.originOf(request.role, request);
    const web: DigestWeb = {
      webId: site?.webId ?? ROOT_WEB,
      siteUrl: `${origin}${encodeURI(site?.path ?? '')}`,
    };
    return request.reply(contextInfo(this.#world, request, { session, web, digests: this.#digests }));
  }

  #checkDigest(request: StandinRequest, session: Session, site: Site | null): void {
    if (session.proof === 'bearer' || request.method === 'GET' || request.method === 'HEAD') return;
    const given = request.headers['x-requestdigest'];
    const holder = { webId: site?.webId ?? ROOT_WEB, userId: session.user.id };
    const digest = typeof given === 'string' ? given : undefined;
    if (!this.#digests.isValid(digest, holder, this.#world.clock.now())) throw badDigest();
  }

  async #walk(call: RestCall, rest: string): Promise<void> {
    const segments = parseRestPath(rest, call.request.query);
    let at: Resource = { kind: 'api' };
    let madeStub = false;
    for (const segment of segments.slice(0, -1)) {
      const next = this.#stepThrough(call, at, segment);
      madeStub = next !== undefined && segment.key === 'addstubusingpath';
      if (next === undefined) throw unknownResource();
      at = next;
    }
    const last = segments.at(-1);
    if (last === undefined) throw unknownResource();
    this.#checkOffered(last.key);
    const operation = operationOf(call, { from: at, segment: last, madeStub }, this.#sessions);
    if (operation !== undefined) return operation();
    const resource = stepFrom(call, at, last);
    if (resource === undefined) throw unknownResource();
    await actOn(call, resource, last);
  }

  #checkOffered(service: string): void {
    const { refusedServices, refusedServiceStatus } = this.#world.switches;
    if (!refusedServices.split(',').map(foldName).includes(service)) return;
    throw refusedServiceStatus === 403 ? accessDenied() : new RestError(refusedServiceStatus, '-1', service);
  }

  #stepThrough(call: RestCall, at: Resource, segment: Segment): Resource | undefined {
    if (at.kind !== 'files' || segment.key !== 'addstubusingpath') return stepFrom(call, at, segment);
    return addStub(call, at, segment);
  }

  /** Runs `work`; whatever it throws that the service has words for becomes an answer. */
  async #inWords(request: StandinRequest, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const told = this.#wordsFor(error);
      if (told === null || request.replied) throw error;
      await request.reply(errorAnswer(shapeOf(request), told));
    }
  }

  #wordsFor(error: unknown): RestError | null {
    if (error instanceof RestError) return error;
    if (error instanceof Refusal) return refusalError(error, this.#world.switches);
    if (error instanceof BadRestPath || error instanceof BadEncoding || error instanceof URIError) {
      return badQuery(error.message);
    }
    return error instanceof BodyTooLarge ? tooBig(this.#world.switches.restMaxBytes) : null;
  }
}
