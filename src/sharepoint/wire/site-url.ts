/**
 * From what a browser shows to the web and the library that are meant: `_layouts` pages, `Forms` views, folders,
 * queries and sharing decorations are trimmed. Pure; what only the server can tell stays null.
 */

export interface SitePlace {
  /** The web, without a trailing slash: `https://HOST/personal/USER`, `https://HOST/sites/X`, `https://HOST`. */
  readonly webUrl: URL;
  /** Decoded name of the library's folder in the web; null when the URL names none. */
  readonly library: string | null;
}

/** `/:f:/r/` and the like before the real path of a shared thing. */
const SHARING = /^\/:\w:\/[rs](?=\/)/;
const MANAGED = /^\/(?:personal|sites|teams)\/[^/]+/i;
/** Behind these nothing names a library. */
const PAGES = /\/(?:_layouts|_api|_forms|_vti_bin|SitePages)(?:\/.*)?$/i;
const VIEW = /\/Forms\/[^/]*\.aspx$/i;

/** The library of a personal site, where no URL tells (protocol notes 2). */
export const PERSONAL_LIBRARY = 'Documents';
/** The first library of a team site. */
export const TEAM_LIBRARY = 'Shared Documents';

export function parseSiteUrl(text: string): SitePlace {
  const url = new URL(text.includes('://') ? text : `https://${text}`);
  const path = shownPath(url) ?? decoded(url.pathname);
  const trimmed = path.replace(SHARING, '').replace(PAGES, '').replace(VIEW, '').replace(/\/+$/, '');
  const web = MANAGED.exec(trimmed)?.[0] ?? '';
  const webUrl = new URL(url.origin);
  webUrl.pathname = web.split('/').map(encodeURIComponent).join('/');
  return { webUrl, library: libraryIn(trimmed.slice(web.length)) };
}

/** The shortest address that means the same web and library: what a configuration keeps. */
export function canonicalSiteUrl(text: string): string {
  const { webUrl, library } = parseSiteUrl(text);
  const web = webUrl.href.replace(/\/$/, '');
  const isUsual = library === null || (isPersonal({ webUrl, library }) && library === PERSONAL_LIBRARY);
  return isUsual ? web : `${web}/${encodeURIComponent(library)}`;
}

/** Is it one person's OneDrive? */
export function isPersonal({ webUrl }: SitePlace): boolean {
  return /^\/personal\//i.test(webUrl.pathname);
}

/** The folder that a page shows, as its query tells; null where that leads out of the web that the page is of. */
function shownPath(url: URL): string | null {
  const shown = url.searchParams.get('id') ?? url.searchParams.get('RootFolder');
  if (!shown?.startsWith('/')) return null;
  const web = MANAGED.exec(decoded(url.pathname).replace(SHARING, ''))?.[0];
  return web === undefined || `${shown}/`.toLowerCase().startsWith(`${web}/`.toLowerCase()) ? shown : null;
}

function libraryIn(rest: string): string | null {
  const first = rest.split('/').find((segment) => segment !== '');
  return first === undefined || /\.aspx$/i.test(first) ? null : first;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
