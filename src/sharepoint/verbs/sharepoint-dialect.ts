import { identifyByGuid } from '../wire/dav-item.js';
import { PATH_LIMIT } from '../wire/locations.js';
import { isServersOwnAtTop, sharePointNames, sharePointTopNames } from '../wire/name-codec.js';
import type { Dialect } from './dialect.js';

/** SharePoint Online and OneDrive for Business (protocol notes 2 and 3). */
export const sharePointDialect: Dialect = {
  name: 'sharepoint',
  names: sharePointNames,
  topNames: sharePointTopNames,
  isServersOwnAtTop,
  identify: identifyByGuid,
  trustsEtags: true,
  hasRest: true,
  putsEmptyFiles: false,
  htmlOfFiles: 'page',
  probesSession: true,
  longestPath: PATH_LIMIT,
  capabilities: {
    stableIds: true,
    keepsModifiedOnUpload: false,
    setsModified: true,
    caseInsensitive: true,
  },
};
