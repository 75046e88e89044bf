/** open(2)'s flags as numbers (asm-generic; O_DIRECT is arm's own on arm64) into what the file system is told. */
import type { OpenFlags } from '../../fs/index.js';

const O_ACCMODE = 3;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const O_DSYNC = 0o10000;
const O_DIRECT = process.arch === 'arm64' ? 0o200000 : 0o40000;

export function decodeOpenFlags(flags: number): OpenFlags {
  const access = flags & O_ACCMODE;
  return {
    access: access === 0 ? 'read' : access === 1 ? 'write' : 'read-write',
    append: (flags & O_APPEND) !== 0,
    truncate: (flags & O_TRUNC) !== 0,
    exclusive: (flags & O_EXCL) !== 0,
    // O_SYNC contains O_DSYNC.
    sync: (flags & O_DSYNC) !== 0,
    direct: (flags & O_DIRECT) !== 0,
  };
}
