/*
 * The few pieces of the kernel's FUSE ABI that C needs: enough to recognise READ, WRITE and GETXATTR, to answer them, and to
 * name two ioctls. The protocol itself is written in TypeScript (src/fuse/wire). Layouts as in the kernel's
 * include/uapi/linux/fuse.h, checked below; kept here so that no kernel headers are needed to build.
 */
#ifndef ODBFS_KERNEL_ABI_H
#define ODBFS_KERNEL_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

enum { OPCODE_READ = 15, OPCODE_WRITE = 16, OPCODE_GETXATTR = 22 };
enum { WRITE_KILL_SUIDGID = 1 << 2 };

struct request_header {
  uint32_t length;
  uint32_t opcode;
  uint64_t unique;
  uint64_t node;
  uint32_t uid;
  uint32_t gid;
  uint32_t pid;
  uint16_t extensions;
  uint16_t padding;
};

struct reply_header {
  uint32_t length;
  int32_t error;
  uint64_t unique;
};

struct read_request {
  uint64_t handle;
  uint64_t offset;
  uint32_t size;
  uint32_t read_flags;
  uint64_t lock_owner;
  uint32_t flags;
  uint32_t padding;
};

struct write_request {
  uint64_t handle;
  uint64_t offset;
  uint32_t size;
  uint32_t write_flags;
  uint64_t lock_owner;
  uint32_t flags;
  uint32_t padding;
};

struct write_reply {
  uint32_t size;
  uint32_t padding;
};

struct getxattr_request {
  uint32_t size;
  uint32_t padding;
};

struct backing_map {
  int32_t fd;
  uint32_t flags;
  uint64_t padding;
};

#define BACKING_OPEN _IOW(229, 1, struct backing_map)
#define BACKING_CLOSE _IOW(229, 2, uint32_t)

_Static_assert(sizeof(struct request_header) == 40, "fuse_in_header");
_Static_assert(sizeof(struct reply_header) == 16, "fuse_out_header");
_Static_assert(sizeof(struct read_request) == 40, "fuse_read_in");
_Static_assert(sizeof(struct write_request) == 40, "fuse_write_in");
_Static_assert(sizeof(struct getxattr_request) == 8, "fuse_getxattr_in");
_Static_assert(sizeof(struct backing_map) == 16, "fuse_backing_map");

#endif
