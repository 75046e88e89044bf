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
  const headers = { ...basicHeader({ username, password }), depth: '0' };
  const look = async (method: 'GET' | 'PROPFIND') =>
    (await client.send({ url, method, headers, once: true, signal })).status;
  const found = await passwords.guard({ username, password, host: url.host }, { clock, signal }, async () => {
    const status = await look('GET');
    if (status !== 401) return status;
    throw new SignInError('wrong-password', `${url.host} refuses this user name or password`);
  });
  // What a folder says to GET need not be about the folder (RFC 4918 9.4).
  if (isNothing(found) && isNothing(await look('PROPFIND')))
    throw new SignInError('bad-input', `${url.host} has nothing at ${url.pathname}: check the address`);
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

function isNothing(status: number): boolean {
  return status === 404 || status === 410;
}
