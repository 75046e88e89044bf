/** Why a connection did not come about, in words for whoever has to do something about it. */

/** Nobody whom we trust vouches for the certificate. */
export const UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** The ways in which a proxy fails us. */
export type ProxyFault = 'ERR_PROXY_AUTH' | 'ERR_PROXY_REFUSED' | 'ERR_PROXY_ADDRESS';

const OTHERS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: compare the clock',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: compare the address',
  ERR_PROXY_AUTH: 'the proxy asks who we are: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT tells it',
  ERR_PROXY_REFUSED: 'the proxy refuses it: ask who runs it, or name the host in NO_PROXY',
  ERR_PROXY_ADDRESS: 'HTTPS_PROXY is no http://HOST:PORT',
};

/** Null: the network's doing, for all that anybody knows. */
export function connectionFault(code: string): string | null {
  if (UNTRUSTED.has(code))
    return "its certificate is not trusted: add your company's root certificate to the system's, or name its file in SSL_CERT_FILE";
  return OTHERS[code] ?? null;
}
