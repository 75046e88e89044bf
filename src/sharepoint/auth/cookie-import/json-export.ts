/**
 * Reads cookies that somebody exported as JSON: the lists of Cookie-Editor and EditThisCookie, those of puppeteer and
 * Playwright (bare, or within `cookies`), and a plain object of names and values.
 */
import { z } from 'zod';
import type { PlainCookie } from '../account-jar.js';

const cookieSchema = z.object({
  name: z.string(),
  value: z.string(),
  domain: z.string().optional(),
  host: z.string().optional(),
  hostOnly: z.boolean().optional(),
  path: z.string().optional(),
  secure: z.boolean().optional(),
  httpOnly: z.boolean().optional(),
  /** Extensions: seconds, with a fraction. */
  expirationDate: z.number().nullish(),
  /** Drivers: seconds, -1 for the session; some write a date. */
  expires: z.union([z.number(), z.string()]).nullish(),
  session: z.boolean().optional(),
});

const exportSchema = z.union([
  z.array(cookieSchema),
  z.object({ cookies: z.array(cookieSchema) }).transform(({ cookies }) => cookies),
  z
    .record(z.string(), z.string())
    .transform((pairs) => Object.entries(pairs).map(([name, value]) => ({ name, value }))),
]);

export function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** Null when it is no such export. A cookie without a domain has an empty one. */
export function parseJsonExport(text: string): PlainCookie[] | null {
  try {
    const result = exportSchema.safeParse(JSON.parse(text));
    if (!result.success) return null;
    return (result.data as ExportedCookie[]).map(toPlain);
  } catch {
    return null;
  }
}

type ExportedCookie = z.infer<typeof cookieSchema>;

function toPlain(cookie: ExportedCookie): PlainCookie {
  const domain = cookie.domain ?? cookie.host ?? '';
  return {
    name: cookie.name,
    value: cookie.value,
    domain,
    hostOnly: cookie.hostOnly ?? !domain.startsWith('.'),
    path: cookie.path ?? '/',
    secure: cookie.secure ?? true,
    httpOnly: cookie.httpOnly ?? true,
    expiresAt: cookie.session ? null : expiryOf(cookie),
  };
}

function expiryOf({ expirationDate, expires }: ExportedCookie): number | null {
  const given = expirationDate ?? expires ?? null;
  if (given === null) return null;
  if (typeof given === 'number') return given > 0 ? given * 1000 : null;
  const parsed = Date.parse(given);
  return Number.isNaN(parsed) ? null : parsed;
}
