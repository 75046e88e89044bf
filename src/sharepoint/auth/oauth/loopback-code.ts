/** The authorization code grant with PKCE and a loopback redirect (protocol notes 1h). */
import { errorFromAadsts } from '../aadsts.js';
import type { Attempt } from '../attempt.js';
import { SignInError } from '../sign-in-error.js';
import type { StoredTokens } from '../store/stored-session.js';
import { type LoopbackAnswer, LoopbackReceiver } from './loopback-receiver.js';
import { newProofKey, newState, type ProofKey } from './pkce.js';
import { endpoint, type OAuthClient, requestTokens, scopeFor, TokenRefused } from './token-endpoint.js';

/** `show` puts the page before the person. */
export async function tokensByLoopback(
  attempt: Attempt,
  client: OAuthClient,
  show: (page: URL) => Promise<void>,
): Promise<StoredTokens> {
  const state = newState();
  const proof = newProofKey();
  const receiver = await LoopbackReceiver.open(state);
  const { redirectUri } = receiver;
  try {
    await show(authorizePage(attempt, client, { state, proof, redirectUri }));
    const code = codeIn(await receiver.wait(attempt.clock, attempt.signal));
    return await redeem(attempt, client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: proof.verifier,
    });
  } finally {
    receiver.close();
  }
}

interface Question {
  readonly state: string;
  readonly proof: ProofKey;
  readonly redirectUri: string;
}

function authorizePage(attempt: Attempt, client: OAuthClient, { state, proof, redirectUri }: Question): URL {
  const page = endpoint(client, 'authorize');
  page.search = new URLSearchParams({
    client_id: client.clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: redirectUri,
    scope: scopeFor(attempt.site.origin),
    state,
    code_challenge: proof.challenge,
    code_challenge_method: 'S256',
    prompt: 'select_account',
  }).toString();
  return page;
}

function codeIn({ code, error, errorDescription }: LoopbackAnswer): string {
  if (code !== null && error === null) return code;
  const known = errorFromAadsts(errorDescription ?? '');
  if (known) throw known;
  if (error === 'access_denied') {
    throw new SignInError('declined', 'the sign-in was declined in the browser: run "odbfs login" again');
  }
  throw new SignInError(
    'protocol',
    'the login host sent the browser back without a code: run "odbfs login" again',
  );
}

async function redeem(
  attempt: Attempt,
  client: OAuthClient,
  grant: Record<string, string>,
): Promise<StoredTokens> {
  try {
    return await requestTokens(attempt, client, grant);
  } catch (error) {
    throw error instanceof TokenRefused ? error.reason : error;
  }
}
