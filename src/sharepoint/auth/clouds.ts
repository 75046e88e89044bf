/** Which login host serves which SharePoint domain: the national clouds (protocol notes 1l). */

export interface Cloud {
  readonly name: 'world' | 'us-gov' | 'us-dod' | 'germany' | 'china';
  /** Domain that all tenants of the cloud share; rtFa is set for it. */
  readonly sharepointDomain: string;
  /** In the order of preference; the first is used where nothing else is known. */
  readonly loginHosts: readonly string[];
}

const CLOUDS: readonly Cloud[] = [
  {
    name: 'world',
    sharepointDomain: 'sharepoint.com',
    loginHosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'login.live.com'],
  },
  {
    name: 'us-gov',
    sharepointDomain: 'sharepoint.us',
    loginHosts: ['login.microsoftonline.us', 'login-us.microsoftonline.com'],
  },
  {
    name: 'us-dod',
    sharepointDomain: 'sharepoint-mil.us',
    loginHosts: ['login.microsoftonline.us', 'login-us.microsoftonline.com'],
  },
  { name: 'germany', sharepointDomain: 'sharepoint.de', loginHosts: ['login.microsoftonline.de'] },
  {
    name: 'china',
    sharepointDomain: 'sharepoint.cn',
    loginHosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
  },
];

/** The cloud of a SharePoint host, or null for a server of somebody's own. */
export function cloudOf(hostname: string): Cloud | null {
  return CLOUDS.find((cloud) => hostname.toLowerCase().endsWith(`.${cloud.sharepointDomain}`)) ?? null;
}
