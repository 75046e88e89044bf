/** The error bodies of SharePoint's REST services, in their three shapes and in XML (protocol notes 3.1). */

export interface RestError {
  /** The number before the comma, where there is one: "-2130575251, Microsoft.SharePoint.SPException". */
  readonly number: number | null;
  /** The code's text: the whole of it without a number, else what follows the comma. */
  readonly code: string;
  /** For people; in the tenant's language. */
  readonly message: string;
}

/** Null when the text is none of the known shapes. */
export function parseRestError(text: string): RestError | null {
  return fromJson(text) ?? fromXml(text);
}

const SECURITY_VALIDATION = -2_130_575_251;

/** The request digest has expired or belongs to another web (protocol notes 3.1). */
export function isDigestRefusal(text: string): boolean {
  if (parseRestError(text)?.number === SECURITY_VALIDATION) return true;
  return /security validation/i.test(text);
}

function fromJson(text: string): RestError | null {
  if (!text.trimStart().startsWith('{')) return null;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  const error = member(body, 'error') ?? member(body, 'odata.error');
  if (error === undefined) return null;
  const message = member(error, 'message');
  const value = typeof message === 'string' ? message : member(message, 'value');
  return restError(String(member(error, 'code') ?? ''), typeof value === 'string' ? value : '');
}

function fromXml(text: string): RestError | null {
  const code = /<(?:\w+:)?code>([^<]*)</.exec(text)?.[1];
  if (code === undefined) return null;
  return restError(code, /<(?:\w+:)?message[^>]*>([^<]*)</.exec(text)?.[1] ?? '');
}

function restError(code: string, message: string): RestError {
  const parts = /^\s*(-?\d+)\s*(?:,\s*(.*))?$/.exec(code);
  if (parts === null) return { number: null, code, message };
  return { number: Number(parts[1]), code: parts[2] ?? '', message };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
