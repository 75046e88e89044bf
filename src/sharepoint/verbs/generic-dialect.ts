import { identifyByPath } from '../wire/dav-item.js';
import { plainNames } from '../wire/name-codec.js';
import type { Dialect } from './dialect.js';

/** Any server that speaks RFC 4918 and nothing more, such as Apache's mod_dav. */
export const genericDialect: Dialect = {
  name: 'generic',
  names: plainNames,
  topNames: plainNames,
  isServersOwnAtTop: () => false,
  identify: identifyByPath,
  trustsEtags: false,
  hasRest: false,
  putsEmptyFiles: true,
  htmlOfFiles: 'fine',
  probesSession: false,
  longestPath: Number.POSITIVE_INFINITY,
  capabilities: {
    stableIds: false,
    keepsModifiedOnUpload: false,
    setsModified: false,
    caseInsensitive: false,
  },
};
