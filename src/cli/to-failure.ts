/** Whatever was thrown, as one line with the kind that decides the exit code. */
import { Failure, type FailureKind } from '../daemon/index.js';
import type { SignInErrorKind } from '../sharepoint/index.js';

/** A failed sign-in, judged by what helps: a person's sign-in, better input, or the network. */
const KIND_OF_SIGN_IN_ERROR: Record<SignInErrorKind, FailureKind> = {
  'wrong-password': 'sign-in',
  'locked-out': 'sign-in',
  'mfa-needed': 'sign-in',
  'conditional-access': 'sign-in',
  'unknown-user': 'sign-in',
  'federated-mismatch': 'sign-in',
  'legacy-off': 'sign-in',
  'admin-approval': 'sign-in',
  declined: 'sign-in',
  'person-needed': 'sign-in',
  'policy-blocked': 'sign-in',
  'not-transferable': 'sign-in',
  'no-access': 'failed',
  unreachable: 'unreachable',
  'bad-input': 'usage',
  unavailable: 'failed',
  damaged: 'sign-in',
  protocol: 'failed',
};

export async function toFailure(error: unknown): Promise<Failure> {
  if (error instanceof Failure) return error;
  const message = (error instanceof Error ? error.message : String(error)) || 'failed for an unknown reason';
  // Most commands never load it.
  const { SignInError } = await import('../sharepoint/index.js');
  if (error instanceof SignInError)
    return new Failure(KIND_OF_SIGN_IN_ERROR[error.kind], message, { cause: error });
  return new Failure('failed', message.split('\n')[0]!, { cause: error });
}
