/** `https://login.microsoftonline.com` of `https://login.microsoftonline.com/TENANT/oauth2/authorize?...`, else null. */
export function loginBaseOf(url: URL): string | null {
  const match = /^(.*)\/[^/]+\/oauth2\/(?:v2\.0\/)?authorize$/i.exec(url.pathname);
  return match ? `${url.origin}${match[1]}` : null;
}
