/** The few forms in which sign-in answers: a page, a redirect, JSON, XML. Nothing of it may be cached. */
import type { StandinRequest } from '../request.js';
import { escapeMarkup } from './escape.js';

const NO_STORE = { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1' } as const;

export type ExtraHeaders = Readonly<Record<string, string | readonly string[]>>;

export function replyPage(
  request: StandinRequest,
  html: string,
  extra: ExtraHeaders = {},
  status = 200,
): Promise<void> {
  return replyText(request, status, html, { 'Content-Type': 'text/html; charset=utf-8', ...extra });
}

/** 302 with the body that ASP.NET writes; whoever follows must not lose the cookies. */
export function replyRedirect(
  request: StandinRequest,
  location: string,
  setCookies: readonly string[] = [],
): Promise<void> {
  const body =
    '<html><head><title>Object moved</title></head><body>\r\n' +
    `<h2>Object moved to <a href="${escapeMarkup(location)}">here</a>.</h2>\r\n</body></html>\r\n`;
  return replyPage(request, body, { Location: location, ...withCookies(setCookies) }, 302);
}

export function replyJson(
  request: StandinRequest,
  status: number,
  value: unknown,
  extra: ExtraHeaders = {},
): Promise<void> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', ...extra };
  return replyText(request, status, JSON.stringify(value), headers);
}

export function replySoap(request: StandinRequest, status: number, xml: string): Promise<void> {
  return replyText(request, status, xml, { 'Content-Type': 'application/soap+xml; charset=utf-8' });
}

export function replyText(
  request: StandinRequest,
  status: number,
  text: string,
  headers: ExtraHeaders,
): Promise<void> {
  const body = Buffer.from(text, 'utf8');
  return request.reply({
    status,
    headers: { ...NO_STORE, ...headers, 'Content-Length': body.length },
    body,
  });
}

export function withCookies(setCookies: readonly string[]): ExtraHeaders {
  return setCookies.length === 0 ? {} : { 'Set-Cookie': setCookies };
}

/** The fields of an `application/x-www-form-urlencoded` body, whatever its type says it is. */
export async function readForm(request: StandinRequest): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}
