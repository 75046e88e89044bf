/**
 * Where a site's sign-in begins (protocol notes 1g, hop 2), for servers that answer hop 1 with a page or a refusal
 * instead of leading there (2.9).
 */
export function signInDoor(site: URL): URL {
  const web = `${site.origin}${site.pathname.replace(/\/+$/, '')}`;
  return new URL(`${web}/_layouts/15/Authenticate.aspx?Source=${encodeURIComponent(site.pathname)}`);
}
