/**
 * Where a server of somebody's own (no cloud of the table) signs its users in: asks the site without cookies and looks
 * where its redirects lead (protocol notes 1g, hops 1-3). Follows the site's own redirects only.
 */
import { AccountJar } from './account-jar.js';
import type { Attempt } from './attempt.js';
import { loginBaseOf } from './login-base.js';
import { signInDoor } from './sign-in-door.js';
import { SignInError } from './sign-in-error.js';

const MAX_HOPS = 6;

export async function discoverLoginUrl(attempt: Attempt): Promise<string> {
  const { client, clock, site, signal } = attempt;
  const jar = new AccountJar(clock);
  let url = new URL(`${site.webUrl}/`);
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const answer = await client.send({ url, jar, signal });
    const location = answer.location ?? (hop === 0 ? signInDoor(url) : null);
    if (location === null) break;
    const base = loginBaseOf(location);
    if (base !== null) return base;
    if (!site.owns(location)) break;
    url = location;
  }
  throw new SignInError(
    'bad-input',
    `${site.hostname} does not say where it signs its users in: check the site address, or add "--server webdav" if it is no SharePoint`,
  );
}
