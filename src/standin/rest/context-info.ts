/** `_api/contextinfo` (protocol notes 3.1): the digest that writes with cookies need. */
import type { Answer, StandinRequest } from '../request.js';
import type { Session } from '../sign-in/contract.js';
import type { World } from '../world.js';
import { DIGEST_SECONDS, type Digests } from './digests.js';
import { complexAnswer, shapeOf } from './shapes.js';

/** A web that issues digests: a site's, or the root of a host, whose digests are good for nothing else. */
export interface DigestWeb {
  readonly webId: string;
  readonly siteUrl: string;
}

export function contextInfo(
  world: World,
  request: StandinRequest,
  { session, web, digests }: { session: Session; web: DigestWeb; digests: Digests },
): Answer {
  return complexAnswer(shapeOf(request), 'GetContextWebInformation', {
    FormDigestTimeoutSeconds: DIGEST_SECONDS,
    FormDigestValue: digests.issue(web.webId, session.user.id, world.clock.now()),
    LibraryVersion: '16.0.26615.12011',
    SiteFullUrl: web.siteUrl,
    SupportedSchemaVersions: ['14.0.0.0', '15.0.0.0'],
    WebFullUrl: web.siteUrl,
  });
}
