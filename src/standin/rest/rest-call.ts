/** One REST request of a signed-in user on its way: its web, its verb, its body, the form of its answer. */

import { decodePath } from '../encoding.js';
import { Library } from '../library.js';
import { ReadView } from '../read-view.js';
import type { Answer, StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import { libraryPath, type Site } from '../sites.js';
import { foldName } from '../store/item.js';
import type { World } from '../world.js';
import { badQuery, fileNotFound } from './rest-error.js';
import { type Shape, shapeOf } from './shapes.js';

export class RestCall {
  readonly world: World;
  readonly request: StandinRequest;
  readonly session: Session;
  readonly site: Site;
  readonly library: Library;
  readonly view: ReadView;
  readonly shape: Shape;
  /** The method, or the one that POST stands for by X-HTTP-Method. */
  readonly verb: string;

  constructor(world: World, request: StandinRequest, session: Session, site: Site) {
    this.world = world;
    this.request = request;
    this.session = session;
    this.site = site;
    this.library = new Library(world, site);
    this.view = new ReadView(world, site);
    this.shape = shapeOf(request);
    const override = this.header('x-http-method') ?? this.header('x-http-method-override');
    this.verb = request.method === 'POST' && override !== undefined ? override.toUpperCase() : request.method;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  reply(answer: Answer): Promise<void> {
    return this.request.reply(answer);
  }

  /** `https://HOST/personal/USER/_api/` */
  get apiUrl(): string {
    return `${this.siteUrl}/_api/`;
  }

  get origin(): string {
    return this.world.hosts.originOf(this.site.role, this.request);
  }

  get siteUrl(): string {
    return `${this.origin}${encodeURI(this.site.path)}`;
  }

  get metadataUrl(): string {
    return `${this.apiUrl}$metadata`;
  }

  /** The body as JSON; an empty one is `{}`. */
  async json(): Promise<Record<string, unknown>> {
    const text = await this.request.text();
    if (text.trim() === '') return {};
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value as Record<string, unknown>;
    } catch {
      // Falls through to the same answer as a body that is JSON, but no object.
    }
    throw badQuery('Invalid JSON. The body is not a JSON object.');
  }

  /** Names below the library of a server-relative or absolute decoded path; throws 404 when it is elsewhere. */
  namesAt(path: string): readonly string[] {
    const bare = path.startsWith(this.origin) ? path.slice(this.origin.length) : path;
    const names = bare
      .replace(/^https?:\/\/[^/]*/i, '')
      .split('/')
      .filter((name) => name !== '');
    const prefix = libraryPath(this.site).slice(1).split('/');
    const isWithin = prefix.every(
      (name, at) => names[at] !== undefined && foldName(names[at]) === foldName(name),
    );
    if (!isWithin) throw fileNotFound();
    return names.slice(prefix.length);
  }

  /** As `namesAt`, for the older methods that take an encoded path (protocol notes 2.10). */
  namesAtEncoded(path: string): readonly string[] {
    if (!path.includes('%')) return this.namesAt(path);
    return this.namesAt(`/${decodePath(path).join('/')}`);
  }
}
