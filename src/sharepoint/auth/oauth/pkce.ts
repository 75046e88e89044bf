/** Proof that whoever redeems a code is who asked for it: RFC 7636, S256 only. */
import { createHash, randomBytes } from 'node:crypto';

export interface ProofKey {
  readonly verifier: string;
  readonly challenge: string;
}

export function newProofKey(): ProofKey {
  const verifier = randomBytes(48).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Unguessable; ties the answer on loopback to our question. */
export function newState(): string {
  return randomBytes(24).toString('base64url');
}
