export type { EndReason } from './connection.js';
export {
  DEFAULT_DEADLINE_MS,
  type KernelSession,
  mountKernelSession,
  type SessionOptions,
  type SessionRequest,
  type SessionStatistics,
} from './kernel-session.js';
export { MountError } from './mount.js';
export { type BridgeChoice, checkBridge, type MountRequest, mountFileSystem } from './mount-file-system.js';
export {
  forbidDumps,
  keepHeapSmall,
  punchHole,
  releaseMemory,
  sendDatagram,
  syncFileSystem,
} from './process-services.js';
