/** One WebDAV request on its way: what it points at, and the common answers. */
import { encodePath, escapeXml } from '../encoding.js';
import { Library, type WriteTerms } from '../library.js';
import { ReadView } from '../read-view.js';
import type { Refusal, RefusalKind } from '../refusal.js';
import type { Answer, StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import { libraryPath, namesInLibrary, type Place, type Site } from '../sites.js';
import { type Item, pathOf } from '../store/item.js';
import type { World } from '../world.js';

export class DavCall {
  readonly world: World;
  readonly request: StandinRequest;
  readonly session: Session;
  readonly site: Site;
  readonly library: Library;
  readonly view: ReadView;
  /** Names below the library; null when the request points at the site itself. */
  readonly names: readonly string[] | null;
  /** The request points into the site, but not into its library. */
  readonly isElsewhere: boolean;

  constructor(world: World, request: StandinRequest, session: Session, place: Place) {
    this.world = world;
    this.request = request;
    this.session = session;
    this.site = place.site;
    this.library = new Library(world, place.site);
    this.view = new ReadView(world, place.site);
    this.names = namesInLibrary(place);
    this.isElsewhere = this.names === null && place.names.length > 0;
  }

  /** The item as reads see it. */
  get item(): Item | undefined {
    return this.names === null ? undefined : this.view.find(this.names);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  reply(answer: Answer): Promise<void> {
    return this.request.reply(answer);
  }

  /** Href of an item as the switches want it. */
  hrefOf(item: Item): string {
    const names = [...libraryPath(this.site).slice(1).split('/'), ...pathOf(item)];
    return this.href(names, item.kind === 'folder');
  }

  href(names: readonly string[], isFolder: boolean): string {
    const { hrefs, folderSlash, hrefAmpersand } = this.world.switches;
    const plainPath = encodePath(names);
    const path = hrefAmpersand === 'encoded' ? plainPath.replace(/&/g, '%26') : plainPath;
    const asked = this.request.path.endsWith('/') && decodesTo(this.request.path, path);
    const slash = isFolder && (folderSlash === 'always' || (folderSlash === 'as-asked' && asked)) ? '/' : '';
    const origin = this.world.hosts.originOf(this.site.role, this.request);
    return `${hrefs === 'absolute' ? origin : new URL(origin).pathname.replace(/\/$/, '')}${path}${slash}`;
  }

  /** What the headers say about the target of a write: If-Match, If, Overwrite, lock tokens. */
  terms(): WriteTerms {
    const condition = this.header('if') ?? '';
    const tokens = [
      ...condition.matchAll(/<(opaquelocktoken:[^>]+)>/g),
      ...(this.header('lock-token') ?? '').matchAll(/<([^>]+)>/g),
    ];
    const honours = this.world.switches.honourIfMatch;
    const tag = this.header('if-match') ?? /\[("[^\]]+")\]/.exec(condition)?.[1];
    return {
      lockTokens: tokens.map((match) => match[1]!),
      overwrite: this.header('overwrite')?.toUpperCase() !== 'F',
      ...(honours && tag !== undefined ? { ifMatch: tag } : {}),
      ...(honours && this.header('if-none-match') === '*' ? { ifNoneMatch: true } : {}),
    };
  }
}

function decodesTo(asked: string, path: string): boolean {
  return (
    decodeURIComponent(asked).replace(/\/+$/, '').toLowerCase() === decodeURIComponent(path).toLowerCase()
  );
}

/** The refusal as WebDAV tells it (protocol notes 2.4, 2.6, 2.8, 2.10). */
export function refusalAnswer(world: World, refusal: Refusal): Answer {
  const status = statusOf(world, refusal.kind);
  if (refusal.kind === 'path-too-long') {
    const error = { code: 'pathIsTooLong', message: refusal.message };
    return json(status, { error });
  }
  return {
    status,
    headers: {
      'Content-Type': 'text/xml; charset=utf-8',
      'X-MSDAVEXT_Error': `${DAV_ERROR}; ${plus(refusal.message)}`,
    },
    body: `<?xml version="1.0" encoding="utf-8"?><D:error xmlns:D="DAV:"><message>${escapeXml(refusal.message)}</message></D:error>`,
  };
}

/** Any of the HTTP range of MS-WEBDAVE 2.2.3; the number itself tells nothing. */
const DAV_ERROR = 851_968;

function statusOf(world: World, kind: RefusalKind): number {
  switch (kind) {
    case 'absent':
      return 404;
    case 'parent-absent':
    case 'not-folder':
      return 409;
    case 'is-folder':
      return world.switches.putOnFolderStatus;
    case 'exists':
    case 'changed':
      return 412;
    case 'locked':
    case 'checked-out':
      return 423;
    case 'retained':
    case 'into-itself':
      return 403;
    case 'quota':
      return 507;
    case 'bad-name':
      return world.switches.badNameStatus;
    case 'path-too-long':
      return 400;
  }
}

export function plain(status: number, text: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: text };
}

export function json(status: number, value: unknown): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  };
}

function plus(text: string): string {
  return encodeURIComponent(text).replace(/%20/g, '+');
}
