/**
 * Request digests (protocol notes 3.1): 30 minutes, good for the web and the user that they were issued to. Nothing is
 * stored; a digest proves itself.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const DIGEST_SECONDS = 1800;

export class Digests {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** `0x<hex>,22 Nov 2026 01:20:00 -0000` */
  issue(webId: string, userId: string, nowMs: number): string {
    const date = dateText(nowMs);
    return `0x${this.#proof(webId, userId, date)},${date}`;
  }

  isValid(digest: string | undefined, holder: { webId: string; userId: string }, nowMs: number): boolean {
    const match = /^0x([0-9A-F]+),(.+)$/.exec(digest?.trim() ?? '');
    if (match === null) return false;
    const issuedMs = Date.parse(match[2]!.replace(' -0000', ' GMT'));
    if (!(nowMs - issuedMs < DIGEST_SECONDS * 1000)) return false;
    const expected = Buffer.from(this.#proof(holder.webId, holder.userId, match[2]!));
    const given = Buffer.from(match[1]!);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #proof(webId: string, userId: string, date: string): string {
    return createHmac('sha512', this.#secret)
      .update(`${webId} ${userId} ${date}`)
      .digest('hex')
      .toUpperCase();
  }
}

function dateText(atMs: number): string {
  return `${new Date(atMs)
    .toUTCString()
    .replace(/^\w+, /, '')
    .replace(' GMT', '')} -0000`;
}
