/** What Node has no call for, through the addon; and what a process that holds a mount for days asks of V8. */
import { setFlagsFromString } from 'node:v8';
import { loadAddon } from './addon.js';

/** One datagram to a Unix socket; "@" begins an abstract name. Throws when nobody listens. */
export function sendDatagram(socketPath: string, message: string): void {
  loadAddon().datagram(socketPath, Buffer.from(message));
}

/** No core dumps, and no other process of this user may read our memory, which holds a sign-in. */
export function forbidDumps(): void {
  loadAddon().forbidDumps();
}

/** Gives that part of a file back to the disk. Rejects where the file system cannot. */
export function punchHole(descriptor: number, offset: number, length: number): Promise<void> {
  return loadAddon().punchHole(descriptor, offset, length);
}

/** Everything on the disk that the descriptor's file is on survives a power cut. Rejects where it could not be written. */
export function syncFileSystem(descriptor: number): Promise<void> {
  return loadAddon().syncFileSystem(descriptor);
}

/** What the allocator holds and nobody uses goes back to the system, and what is mapped of node's own file and not used; soon. */
export function releaseMemory(): void {
  loadAddon().releaseMemory();
}

/**
 * A heap that is collected after it grew by two fifths, and whose young part stays at a megabyte: 20 MiB less resident
 * memory in the measurements of the bridge, at no cost that showed. Both settings are read whenever the heap grows. So
 * small a young part is collected sooner by this thread alone than with helpers that a busy machine has to wake first.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=40');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-parallel-scavenge');
}
