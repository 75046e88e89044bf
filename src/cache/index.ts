export { collectRange } from './collect-range.js';
export type * from './content-cache.js';
export { type ContentLimits, DEFAULT_CONTENT_LIMITS } from './content-limits.js';
export type { ContentFetch } from './disk-content-cache.js';
export {
  type ContentCacheOptions,
  type OpenContentCache,
  openContentCache,
} from './open-content-cache.js';
export {
  type OpenRemoteTree,
  openRemoteTree,
  type RemoteTreeOptions,
} from './open-remote-tree.js';
export type * from './remote-tree.js';
export { DEFAULT_TREE_LIMITS, type TreeLimits } from './tree-limits.js';
