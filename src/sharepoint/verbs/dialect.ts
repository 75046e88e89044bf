/** What differs between servers, declared in one place each: no verb asks for a server's name. */
import type { DriveCapabilities } from '../../drive/index.js';
import type { DavReading } from '../wire/dav-item.js';
import type { NameCodec } from '../wire/name-codec.js';

export interface Dialect extends DavReading {
  readonly name: 'sharepoint' | 'generic';
  readonly names: NameCodec;
  /** At the top of the drive. */
  readonly topNames: NameCodec;
  readonly isServersOwnAtTop: (wireName: string) => boolean;
  /** SharePoint's REST services are there beside WebDAV. */
  readonly hasRest: boolean;
  /** PUT of nothing makes an empty file; else REST has to (protocol notes 2.4). */
  readonly putsEmptyFiles: boolean;
  /** What a successful HTML answer to a download means. */
  readonly htmlOfFiles: 'fine' | 'page';
  /** Refusals may mean a dead session: ask `_api/web/currentuser`. */
  readonly probesSession: boolean;
  readonly longestPath: number;
  readonly capabilities: Pick<
    DriveCapabilities,
    'stableIds' | 'keepsModifiedOnUpload' | 'setsModified' | 'caseInsensitive'
  >;
}
