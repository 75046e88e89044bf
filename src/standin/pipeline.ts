/**
 * The way of a request through the stand-in: accidents, throttling, sign-in, then the room that knows its path. Every
 * request gets one answer, or a cut connection where a switch or the client wanted it so.
 */
import { answerDav } from './dav/index.js';
import { BadEncoding, decodePath } from './encoding.js';
import type { Faults } from './faults.js';
import type { HttpExchange } from './http-exchange.js';
import type { StandinRequest } from './request.js';
import type { Rest } from './rest/index.js';
import type { Session } from './sign-in/contract.js';
import { foldName } from './store/item.js';
import type { Throttle } from './throttle.js';
import type { DriveApi } from './v2/index.js';
import type { World } from './world.js';

export class Pipeline {
  readonly #world: World;
  readonly #faults: Faults;
  readonly #throttle: Throttle;
  readonly #rest: Rest;
  readonly #driveApi: DriveApi;

  constructor(parts: { world: World; faults: Faults; throttle: Throttle; rest: Rest; driveApi: DriveApi }) {
    this.#world = parts.world;
    this.#faults = parts.faults;
    this.#throttle = parts.throttle;
    this.#rest = parts.rest;
    this.#driveApi = parts.driveApi;
  }

  async handle(exchange: HttpExchange): Promise<void> {
    const isSharePoint = exchange.role === 'my' || exchange.role === 'root';
    if (isSharePoint) {
      const fate = this.#faults.strike(exchange);
      if (fate === 'answered') return;
      const refusal = fate === 'go on' ? this.#throttle.refuse(exchange) : fate;
      if (refusal !== null) return exchange.reply(refusal);
    }
    if (await this.#world.signIn.handle(exchange)) return;
    if (!isSharePoint) return exchange.reply({ status: 404 });
    if (await this.#answerPermitted(exchange)) return;
    const session = this.#world.signIn.sessionOf(exchange);
    if ('invalid' in session) return this.#world.signIn.refuse(exchange, session.invalid);
    await this.#route(this.#world.signIn.renewing(exchange), session);
  }

  /** URLs that carry their own permission need no session: fragments of an upload, download links. */
  async #answerPermitted(request: StandinRequest): Promise<boolean> {
    if (this.#driveApi.uploads.takes(request)) {
      await this.#driveApi.answerFragment(request);
      return true;
    }
    const names = request.query.has('tempauth') ? (namesOf(request) ?? []) : [];
    if (!isDownloadPage(names) || !this.#driveApi.links.permits(request.query)) return false;
    const place = this.#world.sites.find(request.role, names);
    if (place === undefined) return false;
    await this.#rest.download(request, place);
    return true;
  }

  async #route(request: StandinRequest, session: Session): Promise<void> {
    const names = namesOf(request);
    if (names === null) return request.reply({ status: 400 });
    if (this.#driveApi.takes(request)) return this.#driveApi.answer(request, session);
    if (this.#rest.takes(names)) return this.#rest.answer(request, session);
    const place = this.#world.sites.find(request.role, names);
    if (place === undefined) return this.#answerOutside(request, names);
    if (place.site.owner !== null && place.site.owner !== session.user) return request.reply({ status: 403 });
    if (isDownloadPage(names)) return this.#rest.download(request, place);
    await answerDav(this.#world, request, session, place);
  }

  /** Asking for many personal sites that are not there is punished (protocol notes 4). */
  #answerOutside(request: StandinRequest, names: readonly string[]): Promise<void> {
    if (names.length === 0 && request.method === 'GET') {
      return request.reply({
        status: 200,
        headers: { 'Content-Type': 'text/html' },
        body: '<title>Home</title>',
      });
    }
    if (names[0] !== undefined && foldName(names[0]) === 'personal') this.#throttle.noteProbe();
    return request.reply({ status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 NOT FOUND' });
  }
}

function namesOf(request: StandinRequest): string[] | null {
  try {
    return decodePath(request.path);
  } catch (error) {
    if (error instanceof BadEncoding) return null;
    throw error;
  }
}

function isDownloadPage(names: readonly string[]): boolean {
  return names.at(-1)?.toLowerCase() === 'download.aspx' && names.at(-3)?.toLowerCase() === '_layouts';
}
