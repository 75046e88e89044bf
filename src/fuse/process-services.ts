/** What Node has no call for, through the addon. */
import { loadAddon } from './addon.js';

/** One datagram to a Unix socket; "@" begins an abstract name. Throws when nobody listens. */
export function sendDatagram(socketPath: string, message: string): void {
  loadAddon().datagram(socketPath, Buffer.from(message));
}

/** No core dumps, and no other process of this user may read our memory, which holds a sign-in. */
export function forbidDumps(): void {
  loadAddon().forbidDumps();
}
