/**
 * Reads when a `FedAuth` cookie ends out of the cookie itself (protocol notes 1j): base64 of XML around comma-separated
 * fields, of which index 5 is the expiry as a FILETIME. What cannot be read is "unknown", never a guess and never an
 * error: the keeper then goes by the life that it measured.
 */

export interface FedAuthTimes {
  /** `V5`, `V13`, …; layouts that are not known are read by the same rule. */
  readonly version: string;
  /** Milliseconds since 1970 on the server's clock, or null when unknown. */
  readonly expiresAt: number | null;
  readonly signedInAt: number | null;
}

const EXPIRY_FIELD = 5;
const SIGNED_IN_FIELD = 3;
const MAX_VALUE_LENGTH = 64 * 1024;

/** The versions whose field 5 is known to be the expiry. Newer ones may have moved it. */
const KNOWN_VERSIONS = /^V(?:[1-9]|1[0-9])$/;

/** 1601-01-01 to 1970-01-01, milliseconds. */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;
const SANE_FROM_MS = Date.UTC(2010, 0, 1);
const SANE_UNTIL_MS = Date.UTC(2100, 0, 1);

/** Null when the value does not look like a FedAuth cookie at all. */
export function readFedAuth(value: string): FedAuthTimes | null {
  if (value.length > MAX_VALUE_LENGTH) return null;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const fields = /<SP>([^<]*)/.exec(text)?.[1]?.split(',');
  const version = /^V\d+$/.exec(fields?.[0] ?? '')?.[0];
  if (!fields || !version) return null;
  if (!KNOWN_VERSIONS.test(version)) return { version, expiresAt: null, signedInAt: null };
  return {
    version,
    // The last field of a value that was cut off may itself be cut: it does not count.
    expiresAt: fields.length > EXPIRY_FIELD + 1 ? instantOf(fields[EXPIRY_FIELD]!) : null,
    signedInAt: fields.length > SIGNED_IN_FIELD + 1 ? instantOf(fields[SIGNED_IN_FIELD]!) : null,
  };
}

function instantOf(filetime: string): number | null {
  if (!/^\d{18}$/.test(filetime)) return null;
  const unixMs = Number(BigInt(filetime) / 10_000n - FILETIME_EPOCH_MS);
  return unixMs > SANE_FROM_MS && unixMs < SANE_UNTIL_MS ? unixMs : null;
}
