export { errnoOf, FsError } from './fs-error.js';
export type * from './kernel-port.js';
export * from './request.js';
