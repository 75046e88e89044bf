/** Codes of failures before the first byte of a request can have left. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_PROXY_AUTH',
  'ERR_PROXY_REFUSED',
  'ERR_PROXY_ADDRESS',
]);

/** How the wire failed: what the system called it, and whether the request can have reached the server. */
export class WireFailure extends Error {
  override readonly name = 'WireFailure';
  readonly code: string;
  /** False: certainly nothing was sent, so that repeating is safe whatever the request. */
  readonly maybeSent: boolean;

  constructor(code: string, maybeSent: boolean, cause?: unknown) {
    super(code, { cause });
    this.code = code;
    this.maybeSent = maybeSent;
  }

  /** Null when the error is not one of the wire: a bug, or the caller's own stream that failed. */
  static from(error: unknown): WireFailure | null {
    const code = codeOf(error);
    if (code === null) return null;
    return new WireFailure(code, !BEFORE_SENDING.has(code), error);
  }

  /** True when the network is not there at all: the sign of being offline. */
  get isNoNetwork(): boolean {
    return !this.maybeSent;
  }

  /** The other end said nothing for as long as we listened. */
  get isSilence(): boolean {
    return this.code === 'ETIMEDOUT';
  }
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && isWireCode(code)) return code;
  // undici's own error for what is no HTTP, which has a code in some of its versions only
  if (error.name === 'HTTPParserError') return 'EPROTO';
  return error.cause === undefined ? null : codeOf(error.cause);
}

function isWireCode(code: string): boolean {
  return (
    BEFORE_SENDING.has(code) || code.startsWith('UND_ERR_') || code.startsWith('HPE_') || WIRE.test(code)
  );
}

const WIRE =
  /^(ECONN|EPIPE$|ETIMEDOUT$|ESOCKET|EPROTO$|ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|ERR_STREAM_PREMATURE)/;
