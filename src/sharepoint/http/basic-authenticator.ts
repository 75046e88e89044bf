/** A user name and a password in every request: what a generic WebDAV server asks for. There is nothing to renew. */
import { DriveError } from '../../drive/index.js';
import type { Authenticator, SignedHeaders } from './authenticator.js';

export interface BasicCredentials {
  /** The only origin that ever sees them. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
}

export function basicAuthenticator({ origin, username, password }: BasicCredentials): Authenticator {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  const signed: SignedHeaders = { headers: { authorization }, stamp: 0, bearer: false };
  const foreign: SignedHeaders = { headers: {}, stamp: 0, bearer: false };
  return {
    apply: async (url) => (url.origin === origin ? signed : foreign),
    rejected: async () => {
      throw new DriveError('signed-out', 'the server refuses the user name or the password');
    },
    absorb: () => {},
  };
}
