export interface BasicSecret {
  readonly username: string;
  readonly password: string;
}

/** RFC 7617, in UTF-8. */
export function basicHeader({ username, password }: BasicSecret): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` };
}
