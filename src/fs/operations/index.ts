import type { FileSystem } from '../file-system.js';
import type { Operation, ReplyOf, RequestContext, RequestOf } from '../request.js';
import { access } from './access.js';
import { copyFileRange } from './copy-file-range.js';
import { create } from './create.js';
import { fallocate } from './fallocate.js';
import { flush } from './flush.js';
import { fsync, fsyncdir } from './fsync.js';
import { getattr, statx } from './getattr.js';
import { getxattr } from './getxattr.js';
import { link } from './link.js';
import { listxattr } from './listxattr.js';
import { lookup } from './lookup.js';
import { lseek } from './lseek.js';
import { mkdir } from './mkdir.js';
import { mknod } from './mknod.js';
import { open } from './open.js';
import { read } from './read.js';
import { opendir, readdir, releasedir } from './readdir.js';
import { readlink } from './readlink.js';
import { release } from './release.js';
import { removexattr } from './removexattr.js';
import { rename } from './rename.js';
import { rmdir } from './rmdir.js';
import { setattr } from './setattr.js';
import { setxattr } from './setxattr.js';
import { statfs } from './statfs.js';
import { symlink } from './symlink.js';
import { tmpfile } from './tmpfile.js';
import { unlink } from './unlink.js';
import { write } from './write.js';

type Operations = {
  [Name in Operation]: (
    fs: FileSystem,
    request: RequestOf<Name>,
    context: RequestContext,
  ) => ReplyOf<Name> | Promise<ReplyOf<Name>>;
};

/** Every operation under its name: a missing one does not compile. */
export const OPERATIONS: Operations = {
  access,
  copyFileRange,
  create,
  fallocate,
  flush,
  fsync,
  fsyncdir,
  getattr,
  getxattr,
  link,
  listxattr,
  lookup,
  lseek,
  mkdir,
  mknod,
  open,
  opendir,
  read,
  readdir,
  readlink,
  release,
  releasedir,
  removexattr,
  rename,
  rmdir,
  setattr,
  setxattr,
  statfs,
  statx,
  symlink,
  tmpfile,
  unlink,
  write,
};
