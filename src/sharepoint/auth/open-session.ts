import { AccountSession } from './session/account-session.js';
import { type SessionPlaceOptions, sessionPlace } from './session-place.js';

/**
 * The session of an account. Opens whatever is there: without a sign-in, or with one that can't be read, it is
 * `signed-out`, says why, and heals when somebody signs in. The caller runs the keeper: `tasks.start('sign-in',
 * (signal) => session.run(signal))`.
 */
export async function openSession(options: SessionPlaceOptions): Promise<AccountSession> {
  const session = new AccountSession(sessionPlace(options));
  await session.open();
  return session;
}
