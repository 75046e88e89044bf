/**
 * Why a command of a person could not be done, as far as the exit code tells it apart. The message is one line: what,
 * why, what to do. It never holds a secret.
 *
 * - `failed`       anything that is not one of the others
 * - `usage`        what was typed or configured makes no sense
 * - `sign-in`      a person has to sign in
 * - `unreachable`  the server or the network cannot be reached
 * - `not-found`    no such account, or not mounted
 * - `owed`         uploads are still owed
 */
export type FailureKind = 'failed' | 'usage' | 'sign-in' | 'unreachable' | 'not-found' | 'owed';

export const FAILURE_KINDS: readonly FailureKind[] = [
  'failed',
  'usage',
  'sign-in',
  'unreachable',
  'not-found',
  'owed',
];

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
  }
}
