/** Escaping for the XML and HTML that the stand-in writes, and back for what it reads by hand. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe in XML and HTML text and in attributes of either quote. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (found) => ENTITIES[found]!);
}

/** Percent-encodes as SharePoint does, with `_`, `-`, `.` and `~` too: `%5F %2D %2E` (protocol notes 1g). */
export function percentEncodeAll(text: string): string {
  return encodeURIComponent(text).replace(
    /[_\-.~!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** As ASP.NET writes a URL into a query: lower-case hexadecimal (protocol notes 1g, hop 2). */
export function percentEncodeLower(text: string): string {
  return encodeURIComponent(text).replace(/%[\dA-F]{2}/g, (found) => found.toLowerCase());
}

/** The path decoded, or as it is when it cannot be. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
