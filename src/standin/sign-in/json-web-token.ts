/** Tokens that look like the service's JWTs. Their signature is noise: what is valid is known by the ticket store. */
import type { RandomSource } from '../random-source.js';

export function jsonWebToken(claims: Readonly<Record<string, unknown>>, random: RandomSource): string {
  const header = { typ: 'JWT', alg: 'RS256', kid: random.bytes(20).toString('base64url') };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${signed.join('.')}.${random.bytes(256).toString('base64url')}`;
}
