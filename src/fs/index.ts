export { ContentSource } from './content-source.js';
export { FileSystem, type FileSystemParts } from './file-system.js';
export { errnoOf, FsError } from './fs-error.js';
export type * from './kernel-port.js';
export { type FileSystemOptions, SMALLEST_SERVER_COPY_BYTES } from './options.js';
export { Reconciler } from './reconciler.js';
export * from './request.js';
