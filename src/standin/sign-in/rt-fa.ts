/**
 * The value of rtFa: base64 of 33 binary bytes ending in `&`, then readable parts without any expiry, then a signature
 * (protocol notes 1j).
 */
import type { RandomSource } from '../random-source.js';
import { fileTimeOf } from './filetime.js';

export interface RtFaContent {
  readonly upn: string;
  readonly issuedAtMs: number;
  readonly tenantId: string;
}

export function rtFaValue(content: RtFaContent, random: RandomSource): string {
  const head = Buffer.concat([random.bytes(32), Buffer.from('&')]);
  const readable = [
    content.tenantId,
    fileTimeOf(content.issuedAtMs),
    random.guid(),
    content.upn.replace('@', '%40'),
    String(random.integer(1_000_000)),
    random.bytes(20).toString('hex'),
  ].join('#');
  return Buffer.concat([head, Buffer.from(readable), random.bytes(256)]).toString('base64');
}
