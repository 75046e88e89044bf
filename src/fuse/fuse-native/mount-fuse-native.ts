/** Placeholder for type checking while the native bridge is brought up. */
import type { KernelSession, SessionRequest } from '../kernel-session.js';

export async function mountFuseNative(_request: SessionRequest): Promise<KernelSession> {
  throw new Error('the bridge fuse-native is not installed: npm install fuse-native');
}
