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
      return new DriveError('signed-out', error.message, { cause: error });
    case 'never':
      return new DriveError('denied', error.message, { cause: error });
  }
}

/** Runs `work` for somebody who asks about the sign-in itself. */
export async function asSignInError(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DriveError)) throw error;
    if (error.cause instanceof SignInError) throw error.cause;
    throw new SignInError(error.kind === 'denied' ? 'policy-blocked' : 'person-needed', error.message);
  }
}
