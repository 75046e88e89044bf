/**
 * Which handles the kernel holds, so that each is released exactly once however the session ends, and which of them the
 * addon serves from a descriptor.
 */
import type { Backing, Handle, NodeId } from '../fs/index.js';
import type { NativeSession } from './addon.js';

interface OpenHandle {
  readonly node: NodeId;
  passthroughId: number;
  /** The addon answers READ and WRITE on it. */
  isBound: boolean;
}

export class OpenHandles {
  readonly #native: NativeSession;
  /** Files and folders number their handles apart. */
  readonly #files = new Map<Handle, OpenHandle>();
  readonly #folders = new Map<Handle, NodeId>();
  readonly #passed = new Map<NodeId, { readonly id: number; readonly users: number }>();
  readonly #draining = new Map<number, () => void>();

  constructor(native: NativeSession) {
    this.#native = native;
  }

  get count(): number {
    return this.#files.size + this.#folders.size;
  }

  opened(handle: Handle, node: NodeId): void {
    this.#files.set(handle, { node, passthroughId: 0, isBound: false });
  }

  openedFolder(handle: Handle, node: NodeId): void {
    this.#folders.set(handle, node);
  }

  /**
   * The id that the kernel is to be told; 0: it has to ask us. All that have a file open at a time must agree: the kernel
   * fails an open that would mix, or that names a second backing.
   */
  passThrough(handle: Handle, descriptor: number): number {
    const open = this.#files.get(handle);
    if (open === undefined) return 0;
    const shared = this.#passed.get(open.node);
    if (shared === undefined && this.#hasOthers(handle, open.node)) return 0;
    const id = shared?.id ?? this.#native.openBacking(descriptor);
    if (id <= 0) return 0;
    this.#passed.set(open.node, { id, users: (shared?.users ?? 0) + 1 });
    open.passthroughId = id;
    return id;
  }

  /** Looks at all open files, which only mounts with passthrough have to. */
  #hasOthers(handle: Handle, node: NodeId): boolean {
    for (const [other, open] of this.#files) if (open.node === node && other !== handle) return true;
    return false;
  }

  /** When the addon cannot take one more, requests on it simply keep coming to the file system. */
  bind(handle: Handle, backing: Backing): void {
    if (backing.kind !== 'descriptor') return;
    const open = this.#files.get(handle);
    if (open !== undefined) open.isBound = this.#native.bind(handle, backing.descriptor) >= 0;
  }

  isBound(handle: Handle): boolean {
    return this.#files.get(handle)?.isBound === true;
  }

  /** Null, or what resolves once no request uses the descriptor any more. */
  unbind(handle: Handle): Promise<void> | null {
    const open = this.#files.get(handle);
    if (open === undefined || !open.isBound) return null;
    open.isBound = false;
    const token = this.#native.unbind(handle);
    return token <= 0 ? null : new Promise((resolve) => this.#draining.set(token, resolve));
  }

  drained(): void {
    if (this.#draining.size === 0) return;
    for (const token of this.#native.drained()) {
      this.#draining.get(token)?.();
      this.#draining.delete(token);
    }
  }

  /** Forgets it; the caller tells the file system. */
  closed(handle: Handle): void {
    const open = this.#files.get(handle);
    if (open !== undefined && open.passthroughId > 0) this.#stopPassing(open.node);
    this.#files.delete(handle);
  }

  #stopPassing(node: NodeId): void {
    const { id = 0, users = 0 } = this.#passed.get(node) ?? {};
    if (users > 1) this.#passed.set(node, { id, users: users - 1 });
    else {
      this.#passed.delete(node);
      this.#native.closeBacking(id);
    }
  }

  closedFolder(handle: Handle): void {
    this.#folders.delete(handle);
  }

  /** All that the kernel never released. */
  takeAll(): { readonly handle: Handle; readonly node: NodeId; readonly isFolder: boolean }[] {
    const all = [
      ...[...this.#files].map(([handle, { node }]) => ({ handle, node, isFolder: false })),
      ...[...this.#folders].map(([handle, node]) => ({ handle, node, isFolder: true })),
    ];
    this.#files.clear();
    this.#folders.clear();
    this.#passed.clear();
    for (const resolve of this.#draining.values()) resolve();
    this.#draining.clear();
    return all;
  }
}
