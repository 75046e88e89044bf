/*
 * The reference of bench/bridge: the same in-memory file system as test/support/memory-file-system.ts, in C on Debian's
 * libfuse3 (low level, one thread): its operations; what they work on is in memory-tree.c. Only what the measurement
 * calls.
 *
 *   cc -O2 memory-fs.c memory-tree.c -o memory-fs $(pkg-config --cflags --libs fuse3)
 *   ./memory-fs BACKING_FOLDER VALID_SECONDS MOUNTPOINT [FOLDERS FILES FLAT]
 *
 * With the last three it begins with the tree that bench/walks walks over (bench/walks/trees.ts).
 */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory-tree.h"

enum { LARGEST_IO = 1 << 20, LONGEST_NAME = 32 };

static double valid_seconds;
static uint8_t buffer[LARGEST_IO];

static struct fuse_entry_param entry_of(struct node *node) {
  node->lookups++;
  return (struct fuse_entry_param){.ino = node->attributes.st_ino,
                                   .attr = node->attributes,
                                   .attr_timeout = valid_seconds,
                                   .entry_timeout = valid_seconds};
}

static void fs_init(void *data, struct fuse_conn_info *connection) {
  (void)data;
  connection->want &= ~(unsigned)(FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE);
  connection->want |= FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_PARALLEL_DIROPS;
  connection->want |= FUSE_CAP_EXPLICIT_INVAL_DATA & connection->capable;
  connection->max_write = LARGEST_IO;
  connection->max_background = 64;
  connection->congestion_threshold = 48;
}

static void fs_lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
  struct node *node = tree_find(tree_node(parent), name);
  if (node == NULL) {
    const struct fuse_entry_param absent = {.entry_timeout = valid_seconds};
    fuse_reply_entry(request, &absent);
    return;
  }
  const struct fuse_entry_param entry = entry_of(node);
  fuse_reply_entry(request, &entry);
}

static void fs_forget(fuse_req_t request, fuse_ino_t id, uint64_t count) {
  struct node *node = tree_node(id);
  if (node != NULL) {
    node->lookups -= count;
    tree_drop_if_unused(node);
  }
  fuse_reply_none(request);
}

static void fs_getattr(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)info;
  fuse_reply_attr(request, &tree_node(id)->attributes, valid_seconds);
}

static void fs_setattr(fuse_req_t request, fuse_ino_t id, struct stat *wanted, int which, struct fuse_file_info *info) {
  (void)info;
  struct node *node = tree_node(id);
  if ((which & FUSE_SET_ATTR_SIZE) != 0) {
    if (ftruncate(tree_descriptor(node), wanted->st_size) < 0) {
      fuse_reply_err(request, errno);
      return;
    }
    node->attributes.st_size = wanted->st_size;
  }
  if ((which & FUSE_SET_ATTR_MODE) != 0) {
    node->attributes.st_mode = (node->attributes.st_mode & (mode_t)S_IFMT) | (wanted->st_mode & 07777);
  }
  tree_touch(node);
  fuse_reply_attr(request, &node->attributes, valid_seconds);
}

static void fs_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode) {
  if (tree_find(tree_node(parent), name) != NULL) {
    fuse_reply_err(request, EEXIST);
    return;
  }
  const struct fuse_entry_param entry = entry_of(tree_make(tree_node(parent), name, S_IFDIR | mode));
  fuse_reply_entry(request, &entry);
}

static void fs_unlink(fuse_req_t request, fuse_ino_t parent, const char *name) {
  struct node *node = tree_find(tree_node(parent), name);
  if (node != NULL) tree_unlink(node);
  fuse_reply_err(request, node == NULL ? ENOENT : 0);
}

static void open_node(struct node *node, struct fuse_file_info *info) {
  node->opens++;
  info->fh = (uint64_t)(uintptr_t)node;
  info->keep_cache = 1;
}

static void fs_open(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  struct node *node = tree_node(id);
  if ((info->flags & O_TRUNC) != 0) {
    if (ftruncate(tree_descriptor(node), 0) == 0) node->attributes.st_size = 0;
    tree_touch(node);
  }
  open_node(node, info);
  fuse_reply_open(request, info);
}

static void fs_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info) {
  struct node *node = tree_find(tree_node(parent), name);
  if (node == NULL) node = tree_make(tree_node(parent), name, S_IFREG | mode);
  tree_descriptor(node);
  open_node(node, info);
  const struct fuse_entry_param entry = entry_of(node);
  fuse_reply_create(request, &entry, info);
}

static void fs_read(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)id;
  struct node *node = (struct node *)(uintptr_t)info->fh;
  const ssize_t count = pread(tree_descriptor(node), buffer, size > LARGEST_IO ? LARGEST_IO : size, offset);
  if (count < 0) fuse_reply_err(request, errno);
  else fuse_reply_buf(request, (const char *)buffer, (size_t)count);
}

static void fs_write(fuse_req_t request, fuse_ino_t id, const char *bytes, size_t size, off_t offset,
                     struct fuse_file_info *info) {
  (void)id;
  struct node *node = (struct node *)(uintptr_t)info->fh;
  const ssize_t count = pwrite(tree_descriptor(node), bytes, size, offset);
  if (count < 0) {
    fuse_reply_err(request, errno);
    return;
  }
  if (offset + count > node->attributes.st_size) node->attributes.st_size = offset + count;
  tree_touch(node);
  fuse_reply_write(request, (size_t)count);
}

static void fs_flush(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)id;
  (void)info;
  fuse_reply_err(request, 0);
}

static void fs_release(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)id;
  struct node *node = (struct node *)(uintptr_t)info->fh;
  node->opens--;
  tree_drop_if_unused(node);
  fuse_reply_err(request, 0);
}

/* The memory file system has extended attributes, none of which is set here. */
static void fs_getxattr(fuse_req_t request, fuse_ino_t id, const char *name, size_t size) {
  (void)id;
  (void)name;
  (void)size;
  fuse_reply_err(request, ENODATA);
}

static void fs_opendir(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)id;
  info->fh = (uint64_t)(uintptr_t)calloc(1, sizeof(struct listing));
  fuse_reply_open(request, info);
}

static void read_folder(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info,
                        bool is_plus) {
  struct listing *listing = (struct listing *)(uintptr_t)info->fh;
  if (offset == 0) tree_list(listing, tree_node(id));
  size_t used = 0;
  for (size_t at = (size_t)offset; at < listing->count; at++) {
    struct node *node = listing->entries[at];
    const char *name = at == 0 ? "." : at == 1 ? ".." : node->name;
    struct fuse_entry_param entry = {.attr = node->attributes};
    if (at >= 2) {
      entry.ino = node->attributes.st_ino;
      entry.attr_timeout = entry.entry_timeout = valid_seconds;
    }
    char *place = (char *)buffer + used;
    const size_t needed = is_plus ? fuse_add_direntry_plus(request, place, size - used, name, &entry, (off_t)at + 1)
                                  : fuse_add_direntry(request, place, size - used, name, &entry.attr, (off_t)at + 1);
    if (needed > size - used) break;
    used += needed;
    if (is_plus && at >= 2) node->lookups++;
  }
  fuse_reply_buf(request, (const char *)buffer, used);
}

static void fs_readdir(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info) {
  read_folder(request, id, size, offset, info, false);
}

static void fs_readdirplus(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info) {
  read_folder(request, id, size, offset, info, true);
}

static void fs_releasedir(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)id;
  struct listing *listing = (struct listing *)(uintptr_t)info->fh;
  free(listing->entries);
  free(listing);
  fuse_reply_err(request, 0);
}

static const struct fuse_lowlevel_ops operations = {
    .init = fs_init,       .lookup = fs_lookup,   .forget = fs_forget,   .getattr = fs_getattr,
    .setattr = fs_setattr, .mkdir = fs_mkdir,     .unlink = fs_unlink,   .open = fs_open,
    .create = fs_create,   .read = fs_read,       .write = fs_write,     .flush = fs_flush,
    .release = fs_release, .opendir = fs_opendir, .readdir = fs_readdir, .readdirplus = fs_readdirplus,
    .releasedir = fs_releasedir, .getxattr = fs_getxattr,
};

static struct node *make_filled(struct node *parent, const char *name, int files) {
  enum { BYTES = 100 };
  struct node *folder = tree_make(parent, name, S_IFDIR | 0755);
  for (int file = 0; file < files; file++) {
    char file_name[LONGEST_NAME];
    snprintf(file_name, sizeof file_name, "file-%06d.bin", file);
    tree_make(folder, file_name, S_IFREG | 0644)->attributes.st_size = BYTES;
  }
  return folder;
}

static void make_folders(struct node *parent, const char *name, int folders, int files) {
  struct node *folder = make_filled(parent, name, 0);
  for (int index = 0; index < folders; index++) {
    char folder_name[LONGEST_NAME];
    snprintf(folder_name, sizeof folder_name, "folder-%06d", index);
    make_filled(folder, folder_name, files);
  }
}

int main(int count, char **words) {
  if (count != 4 && count != 7)
    return fprintf(stderr, "usage: memory-fs BACKING_FOLDER VALID_SECONDS MOUNTPOINT [FOLDERS FILES FLAT]\n"), 2;
  tree_keep_files_in(words[1]);
  valid_seconds = atof(words[2]);
  struct node *root = tree_make(NULL, "", S_IFDIR | 0755);
  root->lookups = 1;
  if (count == 7) {
    make_folders(root, "tree", atoi(words[4]), atoi(words[5]));
    make_folders(root, "flat", 1, atoi(words[6]));
  }
  char *arguments[] = {words[0], "-o", "fsname=odbfs-reference,default_permissions"};
  struct fuse_args args = FUSE_ARGS_INIT(3, arguments);
  struct fuse_session *session = fuse_session_new(&args, &operations, sizeof operations, NULL);
  if (session == NULL || fuse_set_signal_handlers(session) != 0) return 1;
  if (fuse_session_mount(session, words[3]) != 0) return 1;
  puts("ready");
  fflush(stdout);
  const int result = fuse_session_loop(session);
  fuse_session_unmount(session);
  fuse_session_destroy(session);
  return result == 0 ? 0 : 1;
}
