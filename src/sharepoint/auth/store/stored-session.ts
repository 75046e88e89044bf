/**
 * What is remembered of a sign-in between two starts: everything here is secret and lives in the sealed file alone.
 * Immutable: a change is a new object with the next generation.
 */
import { z } from 'zod';
import type { SerializedJar } from '../account-jar.js';

export const SIGN_IN_METHODS = ['browser', 'device', 'code', 'cookies', 'password'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

const refusalSchema = z.object({
  /** Which secret was refused, as `fingerprint` names it. */
  fingerprint: z.string(),
  kind: z.string(),
  message: z.string(),
  at: z.number(),
});

const tokensSchema = z.object({
  refreshToken: z.string().nullable(),
  /** Kept until the newer one has proved itself: rotation does not revoke the older (protocol notes 1h). */
  previousRefreshToken: z.string().nullable(),
  accessToken: z.string(),
  accessExpiresAt: z.number(),
  scope: z.string(),
});

const storedSessionSchema = z.object({
  format: z.literal(1),
  /** Grows with every save, by whichever process. */
  generation: z.number().int(),
  siteUrl: z.string(),
  method: z.enum(SIGN_IN_METHODS),
  username: z.string().nullable(),
  /** Base of the login host, without a trailing slash; null when nobody had to know it yet. */
  loginUrl: z.string().nullable(),
  tenant: z.string().nullable(),
  clientId: z.string().nullable(),
  jar: z.custom<SerializedJar>((value) => typeof value === 'object' && value !== null),
  tokens: tokensSchema.nullable(),
  /** Kept only for unattended renewal by `password`, and only while the person wants it. */
  password: z.string().nullable(),
  /** The User-Agent that the session is bound to, where the pre-flight found it to be (protocol notes 1g, T1.15). */
  userAgent: z.string().nullable(),
  /** False after a logout, or before the first success. */
  signedIn: z.boolean(),
  signedInAt: z.number(),
  renewedAt: z.number(),
  /** By our clock, or null when the cookie does not tell. */
  expiresAt: z.number().nullable(),
  /** How long such a session was seen to live, where the cookie does not tell. */
  measuredLifeMs: z.number().nullable(),
  /** Accounts that live on one and the same sign-in of a person say so by one name; null in files of older versions. */
  family: z.string().nullable().default(null),
  /** Secrets that the server refused: never sent again. The newest last. */
  refusals: z.array(refusalSchema),
});

export type StoredSession = Readonly<z.infer<typeof storedSessionSchema>>;
export type StoredTokens = Readonly<z.infer<typeof tokensSchema>>;
export type Refusal = Readonly<z.infer<typeof refusalSchema>>;

/** As many refusals as are remembered; the oldest go first. */
export const MAX_REFUSALS = 16;

/** Null when it is not what we once wrote. */
export function parseStoredSession(text: string): StoredSession | null {
  try {
    const result = storedSessionSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

/** A session that knows nothing yet but where it belongs. */
export function emptySession(siteUrl: string, method: SignInMethod, jar: SerializedJar): StoredSession {
  return {
    format: 1,
    generation: 0,
    siteUrl,
    method,
    username: null,
    loginUrl: null,
    tenant: null,
    clientId: null,
    jar,
    tokens: null,
    password: null,
    userAgent: null,
    signedIn: false,
    signedInAt: 0,
    renewedAt: 0,
    expiresAt: null,
    measuredLifeMs: null,
    family: null,
    refusals: [],
  };
}
