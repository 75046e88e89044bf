/**
 * How a session can be renewed without a person, by what it holds; and the fingerprint of exactly that secret, so that
 * one which was refused is never sent again, not even after a restart.
 */
import { createHash } from 'node:crypto';
import type { AccountJar } from '../account-jar.js';
import { renewingValues } from '../session-cookies.js';
import type { SiteAddress } from '../site-address.js';
import type { Refusal, StoredSession } from '../store/stored-session.js';

export type Strategy = 'password' | 'refresh-token' | 'pages';

export interface RenewingSecret {
  readonly strategy: Strategy;
  readonly fingerprint: string;
}

/** Null when nothing that is held can bring a new session. */
export function renewingSecret(
  session: StoredSession,
  jar: AccountJar,
  site: SiteAddress,
): RenewingSecret | null {
  if (session.method === 'password' && session.username !== null && session.password !== null) {
    return { strategy: 'password', fingerprint: passwordFingerprint(session.username, session.password) };
  }
  if (session.tokens?.refreshToken) {
    return { strategy: 'refresh-token', fingerprint: fingerprint('refresh', session.tokens.refreshToken) };
  }
  const values = renewingValues(jar, site, session.loginUrl ?? site.knownLoginUrl);
  return values.length === 0 ? null : { strategy: 'pages', fingerprint: fingerprint('pages', ...values) };
}

export function passwordFingerprint(username: string, password: string): string {
  return fingerprint('password', username.toLowerCase(), password);
}

/** The refusal of that secret, if it was refused before. */
export function refusalOf(session: StoredSession, secret: string): Refusal | null {
  return session.refusals.find((refusal) => refusal.fingerprint === secret) ?? null;
}

function fingerprint(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
