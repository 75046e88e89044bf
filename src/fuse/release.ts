/** Releases a handle on the kernel's behalf, when it will not do so itself. */
import type { FileSystemPort, Handle, NodeId, RequestContext } from '../fs/index.js';

const NOBODY = { uid: 0, gid: 0, pid: 0 } as const;
const uninterruptible: RequestContext = { signal: new AbortController().signal };

export interface Unreleased {
  readonly handle: Handle;
  readonly node: NodeId;
  readonly isFolder: boolean;
}

/** Nobody waits for the outcome, as nobody does of a release by the kernel. */
export function releaseQuietly(
  fileSystem: FileSystemPort,
  { handle, node, isFolder }: Unreleased,
): Promise<void> {
  const operation = isFolder ? 'releasedir' : 'release';
  const work = async () => {
    await fileSystem.handle({ operation, caller: NOBODY, node, handle }, uninterruptible);
  };
  return work().catch(() => undefined);
}
