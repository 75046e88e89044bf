/** Which bridge carries a mount: ours, or `fuse-native` where ours can neither be loaded nor built, or on demand. */
import { silentLog } from '../base/index.js';
import { loadAddon } from './addon.js';
import { mountFuseNative } from './fuse-native/index.js';
import { type KernelSession, mountKernelSession, type SessionRequest } from './kernel-session.js';

export type BridgeChoice = 'auto' | 'native' | 'fuse-native';

export interface MountRequest extends SessionRequest {
  readonly bridge?: BridgeChoice;
}

export async function mountFileSystem(request: MountRequest): Promise<KernelSession> {
  const { bridge = 'auto', log = silentLog } = request;
  if (bridge === 'fuse-native') return mountFuseNative(request);
  const reason = checkBridge();
  if (bridge === 'native' || reason === null) return mountKernelSession(request);
  log.warn(
    { reason },
    'using the slower bridge fuse-native: remote changes show late, creation times are missing',
  );
  return mountFuseNative(request);
}

/** Null when our own bridge loads; else why not, in one line. */
export function checkBridge(): string | null {
  try {
    loadAddon();
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
  }
}
