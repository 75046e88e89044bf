import type { Version } from '../../drive/index.js';
import { versionOf } from './etag.js';

/** The version that an answer's headers name; null where they name none. */
export function headerVersion(headers: Readonly<Record<string, string>>): Version | null {
  const { etag } = headers;
  return etag === undefined || etag === '' ? null : versionOf(etag);
}
