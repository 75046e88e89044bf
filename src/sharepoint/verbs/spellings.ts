/**
 * The ETags of versions that were looked at lately, as the server writes them, which may not be how versions are written
 * here (lower case, `,135pub`: protocol notes 2.2, 5.2.12). A server that compares them to the letter heeds no other.
 */
import { LRUCache } from 'lru-cache';
import type { Version } from '../../drive/index.js';
import { isSharePointEtag, versionOf } from '../wire/etag.js';

/** More than are ever looked at between a look and the request that relies on it. */
const MOST = 256;

export class Spellings {
  readonly #heard = new LRUCache<Version, string>({ max: MOST });

  heard(etag: string): void {
    if (isSharePointEtag(etag)) this.#heard.set(versionOf(etag), etag);
  }

  /** Undefined: not looked at lately. */
  of(version: Version): string | undefined {
    return this.#heard.get(version);
  }
}
