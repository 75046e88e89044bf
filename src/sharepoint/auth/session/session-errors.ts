/** The two directions between what signing in knows and what a drive says. */
import { DriveError } from '../../../drive/index.js';
import { recourseOf, SignInError } from '../sign-in-error.js';

/** A failed renewal as the drive's requests see it; anything but SignInError stays what it is. */
export function driveErrorFor(error: unknown): unknown {
  if (!(error instanceof SignInError)) return error;
  switch (recourseOf(error)) {
    case 'later':
      return new DriveError('unreachable', error.message, { cause: error });
    case 'person':
    case 'never':
      return new DriveError('signed-out', error.message, { cause: error });
  }
}

/**
 * Nobody is let in, whatever is asked for. Not `denied`: that would say of each file and each service that it is closed to us,
 * and be remembered of them; what is known stays as true as it was, and what is owed waits.
 */
export function blocked(message: string): DriveError {
  return new DriveError('signed-out', message, { cause: new SignInError('policy-blocked', message) });
}

/** Runs `work` for somebody who asks about the sign-in itself. */
export async function asSignInError(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
    if (error.cause instanceof SignInError) throw error.cause;
    throw new SignInError('person-needed', error.message);
  }
}
