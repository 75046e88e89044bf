/**
 * The device code grant (protocol notes 1h, RFC 8628): a code for the person to type in a browser anywhere, and patient
 * asking until that is done.
 */
import { z } from 'zod';
import type { Attempt } from '../attempt.js';
import { SignInError } from '../sign-in-error.js';
import type { StoredTokens } from '../store/stored-session.js';
import {
  endpoint,
  jsonOf,
  type OAuthClient,
  postForm,
  refusalIn,
  requestTokens,
  scopeFor,
  TokenRefused,
} from './token-endpoint.js';

const deviceAnswer = z.object({
  device_code: z.string().min(1),
  user_code: z.string().regex(/^[\w-]{4,32}$/),
  verification_uri: z.url(),
  expires_in: z.coerce.number().positive(),
  interval: z.coerce.number().nonnegative().default(5),
});

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Servers say how long a code lives; longer than this nobody waits. */
const MAX_WAIT_MS = 15 * 60_000;
const MAX_INTERVAL_MS = 60_000;
const SLOW_DOWN_MS = 5_000;

export interface DeviceCodeShown {
  readonly userCode: string;
  readonly page: URL;
}

/** Shows the code by `show`, then waits for the person. */
export async function tokensByDeviceCode(
  attempt: Attempt,
  client: OAuthClient,
  show: (shown: DeviceCodeShown) => void,
): Promise<StoredTokens> {
  const issued = await requestCode(attempt, client);
  show({ userCode: issued.user_code, page: new URL(issued.verification_uri) });
  const { clock, signal } = attempt;
  const endsAt = clock.monotonic() + Math.min(issued.expires_in * 1000, MAX_WAIT_MS);
  let intervalMs = Math.min(issued.interval * 1000, MAX_INTERVAL_MS);
  while (clock.monotonic() < endsAt) {
    await clock.sleep(intervalMs, signal);
    const tokens = await poll(attempt, client, issued.device_code);
    if (typeof tokens === 'object') return tokens;
    if (tokens === 'slow-down') intervalMs = Math.min(intervalMs + SLOW_DOWN_MS, MAX_INTERVAL_MS);
  }
  throw tooLate();
}

async function requestCode(attempt: Attempt, client: OAuthClient): Promise<z.infer<typeof deviceAnswer>> {
  const fields = { client_id: client.clientId, scope: scopeFor(attempt.site.origin) };
  const answer = await postForm(attempt, endpoint(client, 'devicecode'), fields);
  const issued = deviceAnswer.safeParse(jsonOf(answer));
  if (issued.success) return issued.data;
  const refusal = refusalIn(answer);
  throw refusal instanceof TokenRefused ? refusal.reason : refusal;
}

async function poll(
  attempt: Attempt,
  client: OAuthClient,
  deviceCode: string,
): Promise<StoredTokens | 'pending' | 'slow-down'> {
  try {
    return await requestTokens(attempt, client, { grant_type: GRANT, device_code: deviceCode });
  } catch (error) {
    // A laptop's network may blink in a quarter of an hour; the code stays good.
    if (error instanceof SignInError && error.kind === 'unreachable') return 'pending';
    if (error instanceof TokenRefused) return afterRefusal(error);
    throw error;
  }
}

function afterRefusal({ code, reason }: TokenRefused): 'pending' | 'slow-down' {
  switch (code) {
    case 'authorization_pending':
      return 'pending';
    case 'slow_down':
      return 'slow-down';
    case 'authorization_declined':
    case 'access_denied':
      throw new SignInError('declined', 'the sign-in was declined in the browser: run "odbfs login" again');
    case 'expired_token':
    case 'bad_verification_code':
      throw tooLate();
    default:
      throw reason;
  }
}

function tooLate(): SignInError {
  return new SignInError('declined', 'the code was not typed in time: run "odbfs login" again');
}
