/** SharePoint and generic WebDAV servers as a `Drive`, and signing in to them: enter here. */
export * from './auth/index.js';
export { reachServer, type ServerReach } from './http/reach-server.js';
