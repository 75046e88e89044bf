/**
 * The numbers of the kernel's FUSE ABI (include/uapi/linux/fuse.h), version 7.31 to 7.45, as far as we use them. What
 * they mean is in the decoder and the encoders; nobody outside `fuse/` sees one.
 */
export const ABI_MAJOR = 7;
/** The newest minor version whose messages we understand. */
export const ABI_MINOR = 45;
/** Linux 5.4; older kernels lack what we rely on (EXPLICIT_INVAL_DATA is the last piece, 7.30). */
export const OLDEST_MINOR = 31;

export const REQUEST_HEADER = 40;
export const REPLY_HEADER = 16;

export const Opcode = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  READDIRPLUS: 44,
  RENAME2: 45,
  LSEEK: 46,
  COPY_FILE_RANGE: 47,
  TMPFILE: 51,
  STATX: 52,
  COPY_FILE_RANGE_64: 53,
} as const;

/** FUSE_INIT's flags, low word. */
export const InitFlag = {
  ASYNC_READ: 1 << 0,
  ATOMIC_O_TRUNC: 1 << 3,
  BIG_WRITES: 1 << 5,
  DO_READDIRPLUS: 1 << 13,
  READDIRPLUS_AUTO: 1 << 14,
  ASYNC_DIO: 1 << 15,
  WRITEBACK_CACHE: 1 << 16,
  PARALLEL_DIROPS: 1 << 18,
  ABORT_ERROR: 1 << 21,
  MAX_PAGES: 1 << 22,
  CACHE_SYMLINKS: 1 << 23,
  EXPLICIT_INVAL_DATA: 1 << 25,
  HANDLE_KILLPRIV_V2: 1 << 28,
  INIT_EXT: 1 << 30,
} as const;

/** FUSE_INIT's flags, high word. */
export const InitFlag2 = {
  DIRECT_IO_ALLOW_MMAP: 1 << 4,
  PASSTHROUGH: 1 << 5,
} as const;

export const OpenReplyFlag = {
  DIRECT_IO: 1 << 0,
  KEEP_CACHE: 1 << 1,
  CACHE_DIR: 1 << 3,
  NOFLUSH: 1 << 5,
  PASSTHROUGH: 1 << 7,
} as const;

/** In `open_flags` of OPEN and CREATE: clear set-uid and set-gid along with truncating. */
export const OPEN_KILL_SUIDGID = 1;
export const WRITE_KILL_SUIDGID = 1 << 2;
export const GETATTR_FH = 1;
export const FSYNC_DATA_ONLY = 1;

export const SetattrValid = {
  MODE: 1 << 0,
  UID: 1 << 1,
  GID: 1 << 2,
  SIZE: 1 << 3,
  ATIME: 1 << 4,
  MTIME: 1 << 5,
  FH: 1 << 6,
  ATIME_NOW: 1 << 7,
  MTIME_NOW: 1 << 8,
  CTIME: 1 << 10,
  KILL_SUIDGID: 1 << 11,
} as const;

export const Notification = { INVAL_INODE: 2, INVAL_ENTRY: 3, STORE: 4, DELETE: 6, INC_EPOCH: 8 } as const;
/** The first minor version that knows INC_EPOCH (forget all names at once). */
export const INC_EPOCH_MINOR = 44;

/** statx(2)'s mask: the basic attributes and the birth time. */
export const STATX_BASIC_AND_BIRTH = 0xfff;
