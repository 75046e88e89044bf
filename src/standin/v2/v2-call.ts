/** One v2 request: its drive, the item it addresses, and what is asked of it. */
import { decodePath } from '../encoding.js';
import { Library } from '../library.js';
import { ReadView } from '../read-view.js';
import type { Answer, StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import type { Site } from '../sites.js';
import { type Item, pathOf } from '../store/item.js';
import type { World } from '../world.js';
import { driveIdOf, guidOfItemId } from './item-id.js';
import { invalidRequest, itemNotFound, jsonAnswer } from './v2-error.js';

export interface Address {
  /** Names below the library. */
  readonly names: readonly string[];
  /** What follows the item: `children`, `content`, `delta`, …; empty for the item itself. */
  readonly action: string;
}

export class V2Call {
  readonly world: World;
  readonly request: StandinRequest;
  readonly session: Session;
  readonly site: Site;
  readonly library: Library;
  readonly view: ReadView;
  /** `https://HOST/personal/USER/_api/v2.0` */
  readonly baseUrl: string;

  constructor(
    world: World,
    parts: { request: StandinRequest; session: Session; site: Site; version: string },
  ) {
    this.world = world;
    this.request = parts.request;
    this.session = parts.session;
    this.site = parts.site;
    this.library = new Library(world, parts.site);
    this.view = new ReadView(world, parts.site);
    const origin = world.hosts.originOf(parts.site.role, parts.request);
    this.baseUrl = `${origin}${encodeURI(parts.site.path)}/_api/${parts.version}`;
  }

  get driveId(): string {
    return driveIdOf(this.site.store.listId);
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : undefined;
  }

  reply(answer: Answer): Promise<void> {
    return this.request.reply(answer);
  }

  replyJson(status: number, value: unknown): Promise<void> {
    return this.reply(jsonAnswer(status, value));
  }

  async json(): Promise<Record<string, unknown>> {
    const text = await this.request.text();
    if (text.trim() === '') return {};
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value as Record<string, unknown>;
    } catch {
      // Falls through to the same answer as JSON of another kind.
    }
    throw invalidRequest('The body is not a JSON object.');
  }

  /** The item at an address as reads see it. */
  item(names: readonly string[]): Item {
    const item = this.view.find(names);
    if (item === undefined) throw itemNotFound();
    return item;
  }

  /**
   * Reads the part of a path after the drive: `root`, `root:/a/b:/children`, `items/ID`, `items/ID:/name:/content`;
   * still percent-encoded.
   */
  addressOf(path: string): Address {
    const match = /^(root|items\/[^/:]+)(?::(\/[^:]*):?)?(?:\/(.*))?$/i.exec(path);
    if (match === null) throw invalidRequest('The resource path is not valid.');
    const [, base, below, action] = match;
    const names = below === undefined ? [] : decodePath(below);
    return { names: [...this.#baseNames(base!), ...names], action: decodeURIComponent(action ?? '') };
  }

  #baseNames(base: string): readonly string[] {
    if (base.toLowerCase() === 'root') return [];
    const id = decodeURIComponent(base.slice('items/'.length));
    if (id.toLowerCase() === 'root') return [];
    // A UniqueId is as good as an id of this API's own.
    const item = this.site.store.byGuid(guidOfItemId(id) ?? id);
    if (item === undefined) throw itemNotFound();
    return pathOf(item);
  }
}
