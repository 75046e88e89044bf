/** Paths as they stand in URLs, and text as it stands in XML and HTML. */

/** A path or an escape sequence that is no valid UTF-8. */
export class BadEncoding extends Error {
  override readonly name = 'BadEncoding';
}

/** `/a%20b//c/` becomes `['a b', 'c']`. Throws `BadEncoding`. */
export function decodePath(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new BadEncoding('the URL is not valid percent-encoded UTF-8');
  }
}

/** Percent-encodes names as SharePoint does in hrefs: `& + ' ( )` stay, `# % ?` and non-ASCII do not. */
export function encodePath(names: readonly string[]): string {
  return names.map((name) => `/${encodeURI(name).replace(/[#?]/g, encodeURIComponent)}`).join('');
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
