import type { ByteRange } from '../base/index.js';
import type { Handle, NodeId } from './request.js';

/** A place in a file; `none`: nothing of the kind from there on; `unknown`: this bridge, or the disk, can't tell. */
export type Extent = number | 'none' | 'unknown';

/**
 * What the file system may ask of the kernel through its bridge. Notifications are queued, coalesced and sent by a
 * thread of their own: they never block and may be called while requests are under way. A bridge that cannot do one of
 * them ignores it; lifetimes (`entryValidMs`, `attributesValidMs`) then bound what the kernel believes.
 */
export interface KernelPort {
  /** What this bridge can do; lifetimes are chosen by it. */
  readonly canInvalidate: boolean;
  /** Forget attributes and the pages of `range` (default: all). */
  invalidateNode(node: NodeId, range?: ByteRange): void;
  /** Forget attributes only; pages stay. */
  invalidateAttributes(node: NodeId): void;
  /**
   * The same at once: before the answer to a request about the node that is under way (which keeps the kernel from letting go
   * of it; else this could wait for us). Others may wait for who reads, or lists, just then.
   */
  invalidateAttributesNow(node: NodeId): void;
  /** Forget what `name` in `parent` means, present or absent. */
  invalidateEntry(parent: NodeId, name: string): void;
  /** `child` was removed from `parent` by somebody else. */
  notifyDelete(parent: NodeId, child: NodeId, name: string): void;
  /** Into the kernel's cache, as if it had read it; a hint, dropped when too much is waiting. */
  storeData(node: NodeId, offset: number, data: Uint8Array): void;
  /**
   * From now on READ and WRITE on `handle` use `descriptor`, or come to the file system (null). Resolves when nothing
   * under way uses the old descriptor any more, and the file system was told of all that was written through it.
   */
  rebind(handle: Handle, descriptor: number | null): Promise<void>;
  /** Where data, or a hole, begins at or behind `offset` in a file of ours; at once. */
  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): Extent;
}
