/** SharePoint and generic WebDAV servers as a `Drive`, and signing in to them: enter here. */
export * from './auth/index.js';
export { type BasicCredentials, basicAuthenticator } from './http/basic-authenticator.js';
export type { NetworkState, NetworkStatus } from './http/network-state.js';
export { reachServer, type ServerReach } from './http/reach-server.js';
export { foundWays, type ProbeAnswer, type ProbeReport, probe } from './probe/index.js';
export type { LibraryMemory } from './verbs/default-library.js';
export { type OpenDrive, type OpenDriveOptions, openDrive } from './verbs/open-drive.js';
export { type KnownWay, type KnownWays, WAYS, type WayMemory } from './verbs/server-ways.js';
export type { MovedMemory } from './wire/moved-folders.js';
export type { NameMemory } from './wire/shown-names.js';
export { canonicalSiteUrl, parseSiteUrl } from './wire/site-url.js';
