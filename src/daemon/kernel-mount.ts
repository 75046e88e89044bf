import { type KernelSession, MountError } from '../fuse/index.js';
import type { MountHandle } from './mount-handle.js';

/** The kernel's session as the daemon's life sees it. */
export class KernelMount implements MountHandle {
  readonly #session: KernelSession;
  readonly ended: Promise<void>;

  constructor(session: KernelSession) {
    this.#session = session;
    this.ended = session.ended.then(() => undefined);
  }

  async unmount(): Promise<boolean> {
    try {
      await this.#session.unmount();
      return true;
    } catch (error) {
      if (error instanceof MountError && error.code === 'EBUSY') return false;
      throw error;
    }
  }

  unmountLazily(): Promise<void> {
    return this.#session.unmount({ lazy: true });
  }
}
