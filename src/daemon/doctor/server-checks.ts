/** Whether the server can be reached, whether our clocks agree, and whether the account is signed in. */

import type { AccountSignIn } from '../account-sign-in.js';
import type { AccountConfig } from '../config.js';
import { type Finding, good, problem, warning } from './finding.js';

/** Signed requests and cookies' lifetimes bear so much. */
const HARMLESS_SKEW_MS = 60_000;
/** Less is left of a sign-in that can't renew itself: time to say so. */
const SOON_MS = 24 * 3_600_000;

export async function serverChecks(
  account: AccountConfig,
  session: AccountSignIn,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { reachServer } = await import('../../sharepoint/index.js');
  const reached = await reachServer(account.site, signal);
  const about = 'server';
  if (!reached.ok) {
    const fix = `check the network, the proxy and the name in: ${new URL(account.site).host}`;
    return [problem(about, reached.reason, fix), signInAsKnown(account, session)];
  }
  const answered = good(
    about,
    `${new URL(account.site).host} answered in ${Math.round(reached.roundTripMs)} ms`,
  );
  return [answered, clock(reached.skewMs), await signIn(account, session, signal)];
}

export function clock(skewMs: number | null): Finding {
  if (skewMs === null)
    return warning('clock', 'the server did not tell its time', 'compare the clock by hand');
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= HARMLESS_SKEW_MS) return good('clock', `within ${seconds} s of the server's`);
  const direction = skewMs > 0 ? 'behind' : 'ahead of';
  return problem('clock', `${seconds} s ${direction} the server's`, 'run: sudo timedatectl set-ntp true');
}

async function signIn(account: AccountConfig, session: AccountSignIn, signal: AbortSignal): Promise<Finding> {
  try {
    await session.checkSession(signal);
  } catch (error) {
    return problem('sign-in', (error as Error).message, `run: odbfs login --account ${account.name}`);
  }
  return signInAsKnown(account, session);
}

function signInAsKnown({ name }: AccountConfig, session: AccountSignIn): Finding {
  const { state, expiresAt, message } = session.status();
  const until = expiresAt === null ? 'its end is not known' : `until ${expiresAt}`;
  const again = `run: odbfs login --account ${name}`;
  if (state !== 'ok' && state !== 'renewing') return problem('sign-in', message ?? state, again);
  const endsSoon = expiresAt !== null && Date.parse(expiresAt) - Date.now() < SOON_MS;
  if (message !== null && endsSoon) return warning('sign-in', `${until}; ${message}`, again);
  return good('sign-in', `${state}, ${until}`);
}
