export type * from './content-cache.js';
export {
  type OpenRemoteTree,
  openRemoteTree,
  type RemoteTreeOptions,
} from './open-remote-tree.js';
export type * from './remote-tree.js';
export { DEFAULT_TREE_LIMITS, type TreeLimits } from './tree-limits.js';
