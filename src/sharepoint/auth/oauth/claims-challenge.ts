/** What the server says it misses in a token: `error="insufficient_claims", claims="<base64 JSON>"` (protocol notes 1h). */

/** The claims as JSON text, ready for the token endpoint, or null when the header asks for none. */
export function claimsIn(wwwAuthenticate: string | null): string | null {
  if (wwwAuthenticate === null || !/error\s*=\s*"?insufficient_claims/i.test(wwwAuthenticate)) return null;
  const encoded = /claims\s*=\s*"([A-Za-z0-9+/_=-]+)"/i.exec(wwwAuthenticate)?.[1];
  if (!encoded) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    return typeof JSON.parse(text) === 'object' ? text : null;
  } catch {
    return null;
  }
}
