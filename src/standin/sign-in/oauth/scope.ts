/** Which one resource a list of scopes is for: a SharePoint host, all of them, or Graph (protocol notes 1h). */

import type { AadstsCode } from '../aadsts.js';
import { hostKeyOfUrl, parseUrl } from '../addresses.js';
import { SHAREPOINT_PRINCIPAL } from '../challenges.js';
import type { Desk } from '../desk.js';

export interface Resource {
  /** `hostKey` of the host, null for every SharePoint host of the tenant. */
  readonly audience: string | null;
  /** What stands in the token. */
  readonly audienceText: string;
  readonly scope: string;
  readonly wantsRefresh: boolean;
  readonly wantsIdToken: boolean;
}

/** No host has this key, so a token for Graph opens no SharePoint. */
const GRAPH_KEY = 'graph';
const GRAPH_ORIGIN = 'https://graph.microsoft.com';
const PLAIN_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access']);

export function readScope(desk: Desk, scope: string): Resource | AadstsCode {
  const words = scope.split(/\s+/).filter(Boolean);
  if (words.length === 0) return 900144;
  const named = [...new Set(words.filter((word) => !PLAIN_SCOPES.has(word)).map(resourceOf))];
  if (named.length > 1) return 28000;
  const audienceText = named[0] ?? GRAPH_ORIGIN;
  const audience = audienceOf(desk, audienceText);
  if (audience === undefined) return 500011;
  return {
    audience,
    audienceText,
    scope: words.join(' '),
    wantsRefresh: words.includes('offline_access'),
    wantsIdToken: words.includes('openid'),
  };
}

/** `https://host/AllSites.Write` and `https://host//.default` are of `https://host`; a bare word is of Graph. */
function resourceOf(word: string): string {
  const at = word.lastIndexOf('/');
  return at < 0 ? GRAPH_ORIGIN : word.slice(0, at).replace(/\/$/, '').toLowerCase();
}

/** `hostKey` of a resource, null for every SharePoint host, undefined for one that is not known. */
export function audienceOf(desk: Desk, resource: string): string | null | undefined {
  if (resource === SHAREPOINT_PRINCIPAL) return null;
  if (parseUrl(resource)?.hostname.startsWith('graph.')) return GRAPH_KEY;
  return hostKeyOfUrl(desk.hosts, resource) ?? undefined;
}
