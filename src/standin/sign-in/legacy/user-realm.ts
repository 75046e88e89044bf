/** `GetUserRealm.srf`: whose namespace a user name lies in (protocol notes 1a). */
import type { StandinUser } from '../../directory.js';
import type { StandinRequest } from '../../request.js';
import { readForm, replyJson, replyText } from '../answers.js';
import type { Desk } from '../desk.js';
import { escapeMarkup } from '../escape.js';

type Realm = 'Managed' | 'Federated' | 'Unknown';

export async function userRealm(desk: Desk, request: StandinRequest): Promise<void> {
  const posted = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  const field = (name: string) => posted.get(name) ?? request.query.get(name) ?? '';
  const fields = realmFields(desk, request, field('login'));
  if (field('xml') !== '1') return replyJson(request, 200, jsonForm(fields));
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${escapeMarkup(value)}</${name}>`);
  const xml = `<?xml version="1.0"?>\r\n<RealmInfo Success="true">${elements.join('')}</RealmInfo>`;
  return replyText(request, 200, xml, { 'Content-Type': 'text/xml; charset=utf-8' });
}

/** In the order of the XML answer; the JSON answer carries a part of them. */
function realmFields(desk: Desk, request: StandinRequest, login: string): Record<string, string> {
  const realm = realmOf(desk, login);
  const domain = login.slice(login.indexOf('@') + 1);
  const known = { DomainName: domain, FederationBrandName: desk.hosts.tenant };
  const cloud = {
    CloudInstanceName: 'microsoftonline.com',
    CloudInstanceIssuerUri: 'urn:federation:MicrosoftOnline',
  };
  const head = { State: stateOf(realm), UserState: '2', Login: login, NameSpaceType: realm };
  if (realm === 'Unknown') return { ...head, UserState: '1', ...cloud };
  if (realm === 'Managed') return { ...head, ...known, ...cloud, DesktopSsoEnabled: 'false' };
  const adfs = desk.hosts.originOf('adfs', request);
  const url = new URLSearchParams({
    username: login,
    wa: 'wsignin1.0',
    wtrealm: 'urn:federation:MicrosoftOnline',
  });
  return {
    ...head,
    ...known,
    FederationGlobalVersion: '-1',
    AuthURL: `${adfs}/adfs/ls/?${url}&wctx=`,
    IsFederatedNS: 'true',
    STSAuthURL: `${adfs}/adfs/services/trust/2005/usernamemixed`,
    FederationTier: '0',
    AllowFedUsersWLIDSignIn: 'false',
    Certificate: 'MIICstandinZZZ=',
    MEXURL: `${adfs}/adfs/services/trust/mex`,
    ...cloud,
    EDUDomainFlags: '0',
  };
}

function jsonForm(fields: Record<string, string>): Record<string, unknown> {
  const { State, UserState, STSAuthURL: _, IsFederatedNS: __, ...rest } = fields;
  return { State: Number(State), UserState: Number(UserState), ...rest, federation_protocol: 'WSTrust' };
}

function stateOf(realm: Realm): string {
  return realm === 'Federated' ? '3' : realm === 'Managed' ? '4' : '1';
}

/** Of the user; for a name that is not in the directory, of its domain. */
function realmOf(desk: Desk, login: string): Realm {
  const domain = login.toLowerCase().split('@')[1] ?? '';
  const inDomain = (user: StandinUser) => user.upn.toLowerCase().endsWith(`@${domain}`);
  const user = desk.directory.find(login) ?? desk.directory.users.find(inDomain);
  if (user === undefined || domain === '') return 'Unknown';
  return user.realm === 'federated' ? 'Federated' : 'Managed';
}
