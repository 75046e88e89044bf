export * from './abi.js';
export { decodeRequest } from './decode-request.js';
export { type DirectoryRequest, putDirectory } from './encode-directory.js';
export {
  deleteMessage,
  forgetNamesMessage,
  invalidateEntryMessage,
  invalidateNodeMessage,
  storeMessage,
} from './encode-notification.js';
export { type EncodedOperation, putReply, type ReplyContext } from './encode-reply.js';
export { ERRNO_NUMBER } from './errno-number.js';
export { type Agreement, agree, decodeInit, type InitWishes, LARGEST_WRITE, putInit } from './init.js';
export { MalformedMessage, Message } from './message.js';
export { BODY, ReplyArena } from './reply-arena.js';
