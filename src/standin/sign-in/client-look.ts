/** What a client looks like to SharePoint, which decides how a missing session is answered (protocol notes 1f, 2.9). */
import type { StandinRequest } from '../request.js';
import { plainPath } from './addresses.js';

const PAGE_METHODS = new Set(['GET', 'HEAD']);

/** Clients that show no page although some call themselves Mozilla (MS-ADFSPIP 3.13.5.2.2). */
const NO_BROWSER =
  /Microsoft Data Access Internet Publishing Provider|Microsoft-WebDAV-MiniRedir|non-browser|MSOffice \d|MS FrontPage|Microsoft Office/i;

/** Would follow a redirect to a page and show it: a browser-like User-Agent and a GET. */
export function looksLikeBrowser(request: StandinRequest): boolean {
  const userAgent = request.headers['user-agent'] ?? '';
  return PAGE_METHODS.has(request.method) && /^Mozilla\//i.test(userAgent) && !NO_BROWSER.test(userAgent);
}

/** `t`: can show forms; `f`: do not offer any; null: did not say. */
export function formsAccepted(request: StandinRequest): 't' | 'f' | null {
  const value = String(request.headers['x-forms_based_auth_accepted'] ?? '').toLowerCase();
  return value === 't' || value === 'f' ? value : null;
}

export function acceptsIdcrl(request: StandinRequest): boolean {
  return String(request.headers['x-idcrl_accepted'] ?? '').toLowerCase() === 't';
}

export function isRest(request: StandinRequest): boolean {
  return /\/_api(\/|$)|\/_vti_bin\/client\.svc(\/|$)/.test(plainPath(request));
}

export function isDriveApi(request: StandinRequest): boolean {
  return /\/_api\/v2\.\d(\/|$)/.test(plainPath(request));
}

/** The credentials behind the scheme, possibly empty; null when the request carries another scheme or none. */
export function authorization(request: StandinRequest, scheme: string): string | null {
  const header = request.headers.authorization ?? '';
  const [found = '', ...rest] = header.trim().split(/\s+/);
  return found.toLowerCase() === scheme.toLowerCase() ? rest.join(' ') : null;
}
