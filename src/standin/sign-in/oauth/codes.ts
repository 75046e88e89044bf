/** Authorization codes: made by `authorize`, redeemed once at the token endpoint with the verifier of their challenge. */
import { createHash } from 'node:crypto';
import type { StandinUser } from '../../directory.js';
import type { AuthorizeRequest } from '../browser/authorize-request.js';
import type { Desk } from '../desk.js';

const CODE_LIFETIME_MS = 600_000;

export function issueCode(desk: Desk, user: StandinUser, wanted: AuthorizeRequest, mfaDone: boolean): string {
  const value = `1.A${desk.random.bytes(400).toString('base64url')}`;
  return desk.codes.issue(value, user, CODE_LIFETIME_MS, {
    clientId: wanted.clientId,
    redirectUri: wanted.redirectUri,
    scope: wanted.scope,
    codeChallenge: wanted.codeChallenge,
    codeChallengeMethod: wanted.codeChallengeMethod,
    claimsMet: wanted.hasClaims,
    mfaDone,
    redeemed: false,
  });
}

/** RFC 7636, 4.6. */
export function verifierFits(verifier: string, challenge: string | null, method: string): boolean {
  if (challenge === null) return false;
  if (method !== 'S256') return method === 'plain' && verifier === challenge;
  return createHash('sha256').update(verifier, 'ascii').digest('base64url') === challenge;
}
