/**
 * URLs of SharePoint's REST services. Values are quoted as OData literals (`'` doubled) and percent-encoded; long ones
 * travel as query aliases, because a path of more than about 260 characters is refused (protocol notes 2.10).
 */
import { DriveError } from '../../drive/index.js';

/** Decoded characters of the path from the host on. */
const LONGEST_URL_PATH = 255;
const LONGEST_QUERY = 2_048;

export interface RestCall {
  /** After `_api/`, with `{name}` where a value belongs: `web/GetFileByServerRelativePath(decodedurl={path})`. */
  readonly path: string;
  /** Strings, by name. */
  readonly values?: Readonly<Record<string, string>>;
  /** Without question mark, encoded already: `$select=Name`. */
  readonly query?: string;
}

/** Throws `bad-name` when not even aliases make it short enough. */
export function restUrl(webUrl: URL, call: RestCall): URL {
  const inline = withInlineValues(webUrl, call);
  if (decodedLength(inline) <= LONGEST_URL_PATH) return inline;
  const aliased = withAliases(webUrl, call);
  if (aliased.search.length > LONGEST_QUERY)
    throw new DriveError('bad-name', 'the path is too long for the server');
  return aliased;
}

function withInlineValues(webUrl: URL, { path, values = {}, query }: RestCall): URL {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => literal(values[name] ?? ''));
  return new URL(`${apiRoot(webUrl)}${filled}${query === undefined ? '' : `?${query}`}`);
}

function withAliases(webUrl: URL, { path, values = {}, query }: RestCall): URL {
  const aliases: string[] = [];
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    aliases.push(`@a${aliases.length + 1}=${literal(values[name] ?? '')}`);
    return `@a${aliases.length}`;
  });
  const parts = query === undefined ? aliases : [...aliases, query];
  return new URL(`${apiRoot(webUrl)}${filled}?${parts.join('&')}`);
}

/** `'it''s'`, percent-encoded; the quotes around stay as they are. */
export function literal(value: string): string {
  const doubled = value.replaceAll("'", "''");
  return `'${encodeURIComponent(doubled).replaceAll("'", '%27')}'`;
}

function apiRoot(webUrl: URL): string {
  return `${webUrl.href.replace(/\/+$/, '')}/_api/`;
}

function decodedLength(url: URL): number {
  try {
    return decodeURIComponent(url.pathname).length;
  } catch {
    return url.pathname.length;
  }
}
