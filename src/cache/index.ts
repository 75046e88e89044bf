export type * from './content-cache.js';
export type * from './remote-tree.js';
