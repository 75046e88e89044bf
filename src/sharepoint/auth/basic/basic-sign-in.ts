/**
 * Signing in to a generic WebDAV server: a user name and a password, tried once and sealed. There is nothing to renew.
 */
import { AccountJar } from '../account-jar.js';
import type { Prompts } from '../prompts.js';
import { type SessionPlaceOptions, sessionPlace } from '../session-place.js';
import type { SignInResult } from '../sign-in.js';
import { SignInError } from '../sign-in-error.js';
import { emptySession } from '../store/stored-session.js';
import { basicHeader } from './basic-header.js';

export interface BasicSignInRequest {
  readonly username?: string | undefined;
}

/** Throws SignInError. A running mount takes the new password over by itself. */
export async function signInBasic(
  request: BasicSignInRequest,
  prompts: Prompts,
  options: SessionPlaceOptions,
  signal: AbortSignal,
): Promise<SignInResult> {
  const { site, vault, client, clock, passwords } = sessionPlace(options);
  const ask = (name: 'username' | 'password', text: string) =>
    prompts.ask({ name, text, secret: name === 'password' }, signal);
  const username = request.username ?? (await ask('username', 'User name: ')).trim();
  const password = await ask('password', `Password of ${username}: `);
  if (username === '' || password === '')
    throw new SignInError('bad-input', 'a user name and a password are needed');
  // As it was given: no part of it is SharePoint's, and another place may ask for nothing.
  const url = new URL(`${options.siteUrl.replace(/\/+$/, '')}/`);
  await passwords.guard({ username, password, host: url.host }, { clock, signal }, async () => {
    const headers = basicHeader({ username, password });
    const { status } = await client.send({ url, headers, once: true, signal });
    if (status !== 401) return;
    throw new SignInError('wrong-password', `${url.host} refuses this user name or password`);
  });
  const before = await vault.load().catch(() => null);
  const nowMs = clock.now();
  await vault.save({
    ...emptySession(site.webUrl, 'password', new AccountJar(clock).serialize()),
    generation: Math.max((before?.generation ?? 0) + 1, Math.floor(nowMs)),
    username,
    password,
    signedIn: true,
    signedInAt: nowMs,
    renewedAt: nowMs,
  });
  const { webUrl: siteUrl } = site;
  return {
    method: 'password',
    siteUrl,
    username,
    clientId: null,
    tenant: null,
    expiresAt: null,
    renewsItself: true,
  };
}
