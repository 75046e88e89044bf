/** Why an encrypted connection did not come about, in words for whoever has to do something about it. */

/** Nobody whom we trust vouches for it. */
export const UNTRUSTED: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

const OTHERS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: compare the clock',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: compare the address',
};

/** Null: it has nothing to do with a certificate. */
export function certificateFault(code: string): string | null {
  if (UNTRUSTED.has(code))
    return "its certificate is not trusted: add your company's root certificate to the system's, or name its file in SSL_CERT_FILE";
  return OTHERS[code] ?? null;
}
