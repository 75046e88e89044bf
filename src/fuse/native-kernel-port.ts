/** `KernelPort` on the native bridge. Before the handshake and after the end there is nothing to invalidate. */
import type { ByteRange, Metrics } from '../base/index.js';
import type { Extent, Handle, KernelPort, NodeId } from '../fs/index.js';
import { loadAddon } from './addon.js';
import type { Notifier } from './notifier.js';
import type { OpenHandles } from './open-handles.js';
import { ERRNO_NUMBER } from './wire/index.js';

export class NativeKernelPort implements KernelPort {
  readonly canInvalidate = true;
  readonly #metrics: Metrics;
  #notifier: Notifier | null = null;
  #handles: OpenHandles | null = null;
  #reportWrites: () => void = () => undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** `reportWrites`: tells the file system of what the addon has written by itself. */
  connect(notifier: Notifier, handles: OpenHandles, reportWrites: () => void): void {
    this.#notifier = notifier;
    this.#handles = handles;
    this.#reportWrites = reportWrites;
  }

  disconnect(): void {
    this.#notifier = null;
    this.#handles = null;
    this.#reportWrites = () => undefined;
  }

  invalidateNode(node: NodeId, range?: ByteRange): void {
    this.#count();
    this.#notifier?.node(node, range ?? 'all');
  }

  invalidateAttributes(node: NodeId): void {
    this.#count();
    this.#notifier?.node(node, null);
  }

  invalidateAttributesNow(node: NodeId): void {
    this.#count();
    this.#notifier?.attributesNow(node);
  }

  invalidateEntry(parent: NodeId, name: string): void {
    this.#count();
    this.#notifier?.entry(parent, name, null);
  }

  notifyDelete(parent: NodeId, child: NodeId, name: string): void {
    this.#count();
    this.#notifier?.entry(parent, name, child);
  }

  storeData(node: NodeId, offset: number, data: Uint8Array): void {
    this.#notifier?.store(node, offset, data);
  }

  async rebind(handle: Handle, descriptor: number | null): Promise<void> {
    const wasBound = this.#handles?.isBound(handle) === true;
    const drained = this.#handles?.unbind(handle) ?? null;
    if (descriptor !== null) this.#handles?.bind(handle, { kind: 'descriptor', descriptor });
    await drained;
    // Else they would be told of with the next message, when a size has been recorded without them.
    if (wasBound) this.#reportWrites();
  }

  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): Extent {
    const found = loadAddon().seek(descriptor, offset, whence === 'hole');
    if (found >= 0) return found;
    return found === -ERRNO_NUMBER.ENXIO ? 'none' : 'unknown';
  }

  #count(): void {
    this.#metrics.add('kernel.invalidations');
  }
}
