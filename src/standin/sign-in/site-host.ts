/** Who answers which path of sign-in on the SharePoint hosts; all other paths are left alone. */
import type { StandinRequest } from '../request.js';
import { plainPath } from './addresses.js';
import { signOutOfSite } from './browser/sign-out.js';
import { authenticatePage, formsPage, formsReturn, successPage } from './browser/site-hops.js';
import { authorization } from './client-look.js';
import type { Desk } from './desk.js';
import { takeAssertionHere, takeCompactToken } from './legacy/forms-token.js';
import { exchangeIdcrl } from './legacy/idcrl.js';
import { exchangeBearer } from './oauth/native-client.js';
import { refuseBearer } from './refusal.js';
import { provenSession } from './session.js';

/** Any site may stand before a page of `_layouts`. */
const PAGES: readonly (readonly [RegExp, (desk: Desk, request: StandinRequest) => Promise<void>])[] = [
  [/^\/_forms\/default\.aspx$/, answerForms],
  // A browser asks for it beside every page; were it to begin a sign-in, it would mix up the one under way.
  [/^\/favicon\.ico$/, (_, request) => request.reply({ status: 404 })],
  [/^\/_trust(\/|$)/, takeAssertionHere],
  [/\/_layouts\/(15\/)?authenticate\.aspx$/, authenticatePage],
  [/\/_layouts\/(15\/)?signout\.aspx$/, signOutOfSite],
  [/^\/_layouts\/15\/error\.aspx$/, successPage],
  [/\/_vti_bin\/idcrl\.svc(\/|$)/, exchangeIdcrl],
  [/\/_api\/sp\.oauth\.nativeclient\/authenticate$/, exchangeBearer],
];

/** False: the request is not for sign-in. */
export async function answerSitePage(desk: Desk, request: StandinRequest): Promise<boolean> {
  const path = plainPath(request);
  if (isDiscovery(desk, request, path)) {
    await refuseBearer(desk, request, 'bad-bearer');
    return true;
  }
  const page = PAGES.find(([pattern]) => pattern.test(path));
  if (page === undefined) return false;
  await page[1](desk, request);
  return true;
}

/** `client.svc` with a bearer that is empty or no good is how clients learn the tenant (protocol notes 1h). */
function isDiscovery(desk: Desk, request: StandinRequest, path: string): boolean {
  if (!/\/_vti_bin\/client\.svc\/?$/.test(path) || authorization(request, 'Bearer') === null) return false;
  return 'invalid' in provenSession(desk, request);
}

function answerForms(desk: Desk, request: StandinRequest): Promise<void> {
  if (request.method !== 'POST') return formsPage(desk, request);
  const isToken = request.query.get('wa')?.toLowerCase() === 'wsignin1.0';
  return isToken ? takeCompactToken(desk, request) : formsReturn(desk, request);
}
