/** Messages to the kernel that answer nothing: `unique` is 0 and the error field names the notification. */
import type { NodeId } from '../../fs/index.js';
import { Notification, REPLY_HEADER } from './abi.js';
import { ReplyArena } from './reply-arena.js';

/** `offset` -1: attributes only. `length` 0: up to the end. */
export function invalidateNodeMessage(node: NodeId, offset: number, length: number): Uint8Array {
  const arena = message(Notification.INVAL_INODE, 24);
  arena.u64(REPLY_HEADER, node);
  arena.u64(REPLY_HEADER + 8, offset);
  arena.u64(REPLY_HEADER + 16, length);
  return arena.bytes;
}

export function invalidateEntryMessage(parent: NodeId, name: string): Uint8Array {
  const bytes = Buffer.from(name);
  const arena = message(Notification.INVAL_ENTRY, 16 + bytes.length + 1);
  arena.u64(REPLY_HEADER, parent);
  arena.u32(REPLY_HEADER + 8, bytes.length);
  arena.bytes.set(bytes, REPLY_HEADER + 16);
  return arena.bytes.subarray(0, REPLY_HEADER + 16 + bytes.length + 1);
}

export function deleteMessage(parent: NodeId, child: NodeId, name: string): Uint8Array {
  const bytes = Buffer.from(name);
  const arena = message(Notification.DELETE, 24 + bytes.length + 1);
  arena.u64(REPLY_HEADER, parent);
  arena.u64(REPLY_HEADER + 8, child);
  arena.u32(REPLY_HEADER + 16, bytes.length);
  arena.bytes.set(bytes, REPLY_HEADER + 24);
  return arena.bytes.subarray(0, REPLY_HEADER + 24 + bytes.length + 1);
}

export function storeMessage(node: NodeId, offset: number, data: Uint8Array): Uint8Array {
  const arena = message(Notification.STORE, 24 + data.length);
  arena.u64(REPLY_HEADER, node);
  arena.u64(REPLY_HEADER + 8, offset);
  arena.u32(REPLY_HEADER + 16, data.length);
  arena.bytes.set(data, REPLY_HEADER + 24);
  return arena.bytes.subarray(0, REPLY_HEADER + 24 + data.length);
}

/** All names that the kernel knows are to be looked up anew. */
export function forgetNamesMessage(): Uint8Array {
  return message(Notification.INC_EPOCH, 0).bytes;
}

function message(code: number, bodyLength: number): ReplyArena {
  const length = REPLY_HEADER + bodyLength;
  const arena = new ReplyArena((length + 7) & ~7);
  arena.header(length, code, 0);
  return arena;
}
