/**
 * All that the kernel's side (`fuse/`) and the file system (`fs/`) exchange. A bridge decodes what the kernel sent into
 * a `Request`, calls `FileSystemPort.handle`, and encodes the `Reply`. Neither knows the other's inside; no errno
 * numbers, no opcodes, no byte layouts here.
 */
import type { ErrnoName } from '../base/index.js';
import type { FsError } from './fs-error.js';

/** The kernel's name for an inode during one mount: 1 is the root; never reused. */
export type NodeId = number;
/** The kernel's name for an open file or directory. */
export type Handle = number;

export const ROOT_NODE: NodeId = 1;

export interface Timestamp {
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

export interface Attributes {
  readonly ino: number;
  readonly size: number;
  /** In units of 512 bytes. */
  readonly blocks: number;
  /** Type and permission bits, as in stat(2). */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly blockSize: number;
  readonly accessed: Timestamp;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
  readonly born: Timestamp;
}

/** What a look-up gives. The kernel's look-up count for `node` grows by one with each that it accepts. */
export interface Entry {
  readonly node: NodeId;
  readonly attributes: Attributes;
  /** How long the kernel may believe the name, milliseconds. */
  readonly entryValidMs: number;
  /** How long the kernel may believe the attributes, milliseconds. */
  readonly attributesValidMs: number;
}

/** "No such name", to be remembered by the kernel for `validMs` (0: not at all, i.e. ENOENT). */
export interface NegativeEntry {
  readonly node: 0;
  readonly validMs: number;
}

export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

/** open(2)'s flags, decoded; what the kernel handles itself (O_NOFOLLOW, O_DIRECTORY ...) is left out. */
export interface OpenFlags {
  readonly access: 'read' | 'write' | 'read-write';
  readonly append: boolean;
  readonly truncate: boolean;
  readonly exclusive: boolean;
  /** O_SYNC or O_DSYNC: each write is an fsync. */
  readonly sync: boolean;
  readonly direct: boolean;
}

export interface AttributeChanges {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly accessed?: Timestamp | 'now';
  readonly modified?: Timestamp | 'now';
  readonly changed?: Timestamp;
  /** Clear set-uid, set-gid and file capabilities (FUSE_HANDLE_KILLPRIV_V2). */
  readonly killPrivileges: boolean;
}

export interface RenameFlags {
  readonly noReplace: boolean;
  readonly exchange: boolean;
  /** Any flag that is not one of the above. */
  readonly unknown: boolean;
}

export interface Requests {
  lookup: { parent: NodeId; name: string };
  getattr: { node: NodeId; handle: Handle | null };
  /** statx(2) with the birth time. */
  statx: { node: NodeId; handle: Handle | null };
  setattr: { node: NodeId; handle: Handle | null; changes: AttributeChanges };
  readlink: { node: NodeId };
  symlink: { parent: NodeId; name: string; target: string };
  mknod: { parent: NodeId; name: string; mode: number };
  mkdir: { parent: NodeId; name: string; mode: number };
  unlink: { parent: NodeId; name: string };
  rmdir: { parent: NodeId; name: string };
  rename: { parent: NodeId; name: string; newParent: NodeId; newName: string; flags: RenameFlags };
  link: { node: NodeId; newParent: NodeId; newName: string };
  open: { node: NodeId; flags: OpenFlags };
  create: { parent: NodeId; name: string; mode: number; flags: OpenFlags };
  tmpfile: { parent: NodeId; mode: number; flags: OpenFlags };
  read: { node: NodeId; handle: Handle; offset: number; size: number };
  /** `data` is the kernel's buffer: valid until the reply, copy what must live longer. */
  write: { node: NodeId; handle: Handle; offset: number; data: Uint8Array; killPrivileges: boolean };
  copyFileRange: {
    node: NodeId;
    handle: Handle;
    offset: number;
    targetNode: NodeId;
    targetHandle: Handle;
    targetOffset: number;
    length: number;
  };
  lseek: { node: NodeId; handle: Handle; offset: number; whence: 'data' | 'hole' };
  fallocate: { node: NodeId; handle: Handle; offset: number; length: number; mode: FallocateMode };
  /** Once for each close(2) of each duplicate; the place to report errors. */
  flush: { node: NodeId; handle: Handle };
  /** Once, after the last close; answers nobody. */
  release: { node: NodeId; handle: Handle };
  fsync: { node: NodeId; handle: Handle; dataOnly: boolean };
  opendir: { node: NodeId };
  /** `offset`: the cookie that the answer is to start from; 0 reads the folder anew. */
  readdir: { node: NodeId; handle: Handle; offset: number };
  fsyncdir: { node: NodeId; handle: Handle };
  releasedir: { node: NodeId; handle: Handle };
  statfs: { node: NodeId };
  /** `name` such as `user.comment`. */
  getxattr: { node: NodeId; name: string };
  setxattr: { node: NodeId; name: string; value: Uint8Array; create: boolean; replace: boolean };
  listxattr: { node: NodeId };
  removexattr: { node: NodeId; name: string };
  access: { node: NodeId; mask: number };
}

export type FallocateMode = 'allocate' | 'keep-size' | 'punch-hole' | 'zero-range' | 'unsupported';

/** How READ and WRITE on a handle are served. */
export type Backing =
  /** Every READ and WRITE comes to `handle`. */
  | { readonly kind: 'served' }
  /**
   * READ and WRITE are answered by the bridge from and to this descriptor, at the same offsets; writes are reported
   * through `FileSystemPort.wrote` before the next request. The file system keeps ownership of the descriptor and may
   * close it once the handle's release was handled or `KernelPort.rebind` took it away (and resolved).
   */
  | {
      readonly kind: 'descriptor';
      readonly descriptor: number;
      /**
       * The kernel may read and write the descriptor itself, where it can: it asks nobody and reports no writes. Only
       * if all opens of this node, as long as one lasts, are of this same file.
       */
      readonly passthrough?: boolean;
    };

export interface OpenReply {
  readonly handle: Handle;
  /** The kernel may keep the pages it has of this inode. */
  readonly keepCache: boolean;
  readonly directIo: boolean;
  /** `flush` of this handle would do and say nothing: the kernel need not send it (before 7.35 it does all the same). */
  readonly skipsFlush: boolean;
  /** Read it just when the handle is bound: until then `KernelPort.rebind` of the handle may change it. */
  readonly backing: Backing;
}

export interface FileSystemStatistics {
  readonly blockSize: number;
  readonly totalBlocks: number;
  readonly freeBlocks: number;
  readonly files: number;
  readonly freeFiles: number;
  readonly longestName: number;
}

/** A directory as it was listed from its start on; listed anew when it is read from 0 again. */
export interface DirectoryReader {
  /** The entry behind `cookie` (0: the first, which is "."); undefined at the end. Cookies count up by one. */
  at(cookie: number): DirectoryEntry | undefined;
  /**
   * The same entry looked up (readdirplus): counts as a look-up, so call it only for what is sent. Undefined: send the
   * name without attributes. Never called for "." and "..".
   */
  lookUp(cookie: number): Entry | undefined;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly ino: number;
  readonly kind: 'file' | 'folder' | 'symlink';
}

export interface AttributesReply {
  readonly attributes: Attributes;
  readonly validMs: number;
}

type Done = undefined;

export interface Replies {
  lookup: Entry | NegativeEntry;
  getattr: AttributesReply;
  statx: AttributesReply;
  setattr: AttributesReply;
  readlink: string;
  symlink: Entry;
  mknod: Entry;
  mkdir: Entry;
  unlink: Done;
  rmdir: Done;
  rename: Done;
  link: Entry;
  open: OpenReply;
  create: { readonly entry: Entry; readonly open: OpenReply };
  tmpfile: { readonly entry: Entry; readonly open: OpenReply };
  /** At most `size` bytes; fewer only at the end of the file. */
  read: Uint8Array;
  /** Bytes taken. */
  write: number;
  copyFileRange: number;
  lseek: number;
  fallocate: Done;
  flush: Done;
  release: Done;
  fsync: Done;
  opendir: {
    readonly handle: Handle;
    /** The kernel may remember the listing that it reads now. */
    readonly mayCache: boolean;
    /** What it remembers is right, so that it need not ask. */
    readonly keepCache: boolean;
  };
  readdir: DirectoryReader;
  fsyncdir: Done;
  releasedir: Done;
  statfs: FileSystemStatistics;
  getxattr: Uint8Array;
  setxattr: Done;
  listxattr: readonly string[];
  removexattr: Done;
  access: Done;
}

export type Operation = keyof Requests;

/** One request of the kernel: its operation, its arguments, who asks. */
export type Request = {
  [Name in Operation]: { readonly operation: Name; readonly caller: Caller } & Readonly<Requests[Name]>;
}[Operation];

export type RequestOf<Name extends Operation> = Extract<Request, { operation: Name }>;

/** A reply, or the error instead of it; returning an error is the same as throwing it, only cheaper. */
export type ReplyOf<Name extends Operation> = Replies[Name] | FsError;
export type Reply = ReplyOf<Operation>;

/** The life of one request. */
export interface RequestContext {
  /**
   * Fires with an `FsError` EINTR when the application was interrupted, ETIMEDOUT at the deadline, ENOTCONN at the end
   * of the session. Made on first use: do not touch it on paths that answer at once.
   */
  readonly signal: AbortSignal;
}

/** What a bridge needs of a file system. */
export interface FileSystemPort {
  /**
   * Extended attributes whose names begin otherwise are never kept, and asking for one is answered so: a bridge may do that by
   * itself. The kernel asks for one or two of them with every file that is written.
   */
  readonly keptAttributes: { readonly prefix: string; readonly othersAre: ErrnoName };
  /** Answers at once whatever is in memory; otherwise a promise. Never both throws and has effects. */
  handle(request: Request, context: RequestContext): Reply | Promise<Reply>;
  /** The kernel forgets `count` look-ups of `node`. */
  forget(node: NodeId, count: number): void;
  /**
   * The bridge wrote `length` bytes at `offset` into the descriptor of `handle`. Called before any later request is
   * handled, so that sizes and times are right.
   */
  wrote(handle: Handle, offset: number, length: number): void;
  /** The mount has ended; nothing more will come. */
  destroy(): void;
}
