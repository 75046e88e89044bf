/** Links that carry their own permission, for an hour: what `@content.downloadUrl` and a content redirect point at. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StandinClock } from '../clock.js';
import type { Item } from '../store/item.js';
import type { V2Call } from './v2-call.js';

const LINK_MS = 60 * 60 * 1000;

export class TempLinks {
  readonly #secret: Buffer;
  readonly #clock: StandinClock;

  constructor(secret: Buffer, clock: StandinClock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  downloadUrl(call: V2Call, item: Item): string {
    const origin = call.world.hosts.originOf(call.site.role, call.request);
    const guid = call.site.store.guidOf(item);
    const untilMs = this.#clock.now() + LINK_MS;
    const proof = this.#proof(guid, untilMs);
    const page = `${origin}${encodeURI(call.site.path)}/_layouts/15/download.aspx`;
    return `${page}?UniqueId=${guid}&tempauth=${untilMs}.${proof}`;
  }

  /** True while the query of a download carries a good permission for the item it names. */
  permits(query: URLSearchParams): boolean {
    const [untilText, proof] = (query.get('tempauth') ?? '').split('.');
    const untilMs = Number(untilText);
    if (proof === undefined || !(untilMs > this.#clock.now())) return false;
    const expected = Buffer.from(this.#proof(query.get('UniqueId') ?? '', untilMs));
    const given = Buffer.from(proof);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #proof(guid: string, untilMs: number): string {
    return createHmac('sha256', this.#secret).update(`${guid} ${untilMs}`).digest('hex');
  }
}
