/*
 * The reference of bench/bridge: the same in-memory file system as test/support/memory-file-system.ts, in C on Debian's
 * libfuse3 (low level, one thread). Metadata in memory, the bytes of each file in a nameless file. Only what the
 * measurement calls.
 *
 *   cc -O2 memory-fs.c -o memory-fs $(pkg-config --cflags --libs fuse3)
 *   ./memory-fs BACKING_FOLDER VALID_SECONDS MOUNTPOINT
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
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_NODES = 1 << 20, BUCKETS = 1 << 17, LARGEST_IO = 1 << 20 };

struct node {
  char *name;
  struct node *parent, *next_in_bucket, *previous, *next, *first, *last;
  uint64_t lookups, opens;
  bool is_linked;
  int descriptor;
  struct stat attributes;
};

static struct node *nodes[MOST_NODES], *buckets[BUCKETS];
static uint64_t next_id = 2;
static const char *backing_folder;
static double valid_seconds;
static uint8_t buffer[LARGEST_IO];

static struct node *node_of(fuse_ino_t id) { return nodes[id]; }

static size_t bucket_of(const struct node *parent, const char *name) {
  uint64_t hash = 1469598103934665603ULL ^ parent->attributes.st_ino;
  for (; *name != 0; name++) hash = (hash ^ (uint8_t)*name) * 1099511628211ULL;
  return hash % BUCKETS;
}

static struct node *find(struct node *parent, const char *name) {
  struct node *node = buckets[bucket_of(parent, name)];
  while (node != NULL && (node->parent != parent || strcmp(node->name, name) != 0)) node = node->next_in_bucket;
  return node;
}

static void touch(struct node *node) {
  clock_gettime(CLOCK_REALTIME, &node->attributes.st_mtim);
  node->attributes.st_ctim = node->attributes.st_mtim;
}

static struct node *make(struct node *parent, const char *name, mode_t mode) {
  struct node *node = calloc(1, sizeof *node);
  node->descriptor = -1;
  node->attributes.st_ino = parent == NULL ? FUSE_ROOT_ID : next_id++;
  node->attributes.st_mode = mode;
  node->attributes.st_nlink = S_ISDIR(mode) ? 2 : 1;
  node->attributes.st_blksize = 4096;
  touch(node);
  node->attributes.st_atim = node->attributes.st_mtim;
  nodes[node->attributes.st_ino] = node;
  if (parent == NULL) return node;
  node->name = strdup(name);
  node->parent = parent;
  node->is_linked = true;
  node->next_in_bucket = buckets[bucket_of(parent, name)];
  buckets[bucket_of(parent, name)] = node;
  node->previous = parent->last;
  if (parent->last != NULL) parent->last->next = node;
  else parent->first = node;
  parent->last = node;
  touch(parent);
  return node;
}

static void drop_if_unused(struct node *node) {
  if (node->is_linked || node->lookups > 0 || node->opens > 0 || node->parent == NULL) return;
  if (node->descriptor >= 0) close(node->descriptor);
  nodes[node->attributes.st_ino] = NULL;
  free(node->name);
  free(node);
}

static void unlink_node(struct node *node) {
  struct node **at = &buckets[bucket_of(node->parent, node->name)];
  while (*at != node) at = &(*at)->next_in_bucket;
  *at = node->next_in_bucket;
  if (node->previous != NULL) node->previous->next = node->next;
  else node->parent->first = node->next;
  if (node->next != NULL) node->next->previous = node->previous;
  else node->parent->last = node->previous;
  touch(node->parent);
  node->is_linked = false;
  node->attributes.st_nlink = 0;
  drop_if_unused(node);
}

static int descriptor_of(struct node *node) {
  if (node->descriptor < 0) node->descriptor = open(backing_folder, O_TMPFILE | O_RDWR, 0600);
  return node->descriptor;
}

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
  struct node *node = find(node_of(parent), name);
  if (node == NULL) {
    const struct fuse_entry_param absent = {.entry_timeout = valid_seconds};
    fuse_reply_entry(request, &absent);
    return;
  }
  const struct fuse_entry_param entry = entry_of(node);
  fuse_reply_entry(request, &entry);
}

static void fs_forget(fuse_req_t request, fuse_ino_t id, uint64_t count) {
  struct node *node = node_of(id);
  if (node != NULL) {
    node->lookups -= count;
    drop_if_unused(node);
  }
  fuse_reply_none(request);
}

static void fs_getattr(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)info;
  fuse_reply_attr(request, &node_of(id)->attributes, valid_seconds);
}

static void fs_setattr(fuse_req_t request, fuse_ino_t id, struct stat *wanted, int which, struct fuse_file_info *info) {
  (void)info;
  struct node *node = node_of(id);
  if ((which & FUSE_SET_ATTR_SIZE) != 0) {
    if (ftruncate(descriptor_of(node), wanted->st_size) < 0) {
      fuse_reply_err(request, errno);
      return;
    }
    node->attributes.st_size = wanted->st_size;
  }
  if ((which & FUSE_SET_ATTR_MODE) != 0) {
    node->attributes.st_mode = (node->attributes.st_mode & (mode_t)S_IFMT) | (wanted->st_mode & 07777);
  }
  touch(node);
  fuse_reply_attr(request, &node->attributes, valid_seconds);
}

static void fs_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode) {
  if (find(node_of(parent), name) != NULL) {
    fuse_reply_err(request, EEXIST);
    return;
  }
  const struct fuse_entry_param entry = entry_of(make(node_of(parent), name, S_IFDIR | mode));
  fuse_reply_entry(request, &entry);
}

static void fs_unlink(fuse_req_t request, fuse_ino_t parent, const char *name) {
  struct node *node = find(node_of(parent), name);
  if (node != NULL) unlink_node(node);
  fuse_reply_err(request, node == NULL ? ENOENT : 0);
}

static void open_node(struct node *node, struct fuse_file_info *info) {
  node->opens++;
  info->fh = (uint64_t)(uintptr_t)node;
  info->keep_cache = 1;
}

static void fs_open(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  struct node *node = node_of(id);
  if ((info->flags & O_TRUNC) != 0) {
    if (ftruncate(descriptor_of(node), 0) == 0) node->attributes.st_size = 0;
    touch(node);
  }
  open_node(node, info);
  fuse_reply_open(request, info);
}

static void fs_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info) {
  struct node *node = find(node_of(parent), name);
  if (node == NULL) node = make(node_of(parent), name, S_IFREG | mode);
  descriptor_of(node);
  open_node(node, info);
  const struct fuse_entry_param entry = entry_of(node);
  fuse_reply_create(request, &entry, info);
}

static void fs_read(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)id;
  struct node *node = (struct node *)(uintptr_t)info->fh;
  const ssize_t count = pread(descriptor_of(node), buffer, size > LARGEST_IO ? LARGEST_IO : size, offset);
  if (count < 0) fuse_reply_err(request, errno);
  else fuse_reply_buf(request, (const char *)buffer, (size_t)count);
}

static void fs_write(fuse_req_t request, fuse_ino_t id, const char *bytes, size_t size, off_t offset,
                     struct fuse_file_info *info) {
  (void)id;
  struct node *node = (struct node *)(uintptr_t)info->fh;
  const ssize_t count = pwrite(descriptor_of(node), bytes, size, offset);
  if (count < 0) {
    fuse_reply_err(request, errno);
    return;
  }
  if (offset + count > node->attributes.st_size) node->attributes.st_size = offset + count;
  touch(node);
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
  drop_if_unused(node);
  fuse_reply_err(request, 0);
}

/* The memory file system has extended attributes, none of which is set here. */
static void fs_getxattr(fuse_req_t request, fuse_ino_t id, const char *name, size_t size) {
  (void)id;
  (void)name;
  (void)size;
  fuse_reply_err(request, ENODATA);
}

/* The listing of an open folder, taken when it is read from the start. */
struct listing {
  size_t count;
  struct node **entries;
};

static void fs_opendir(fuse_req_t request, fuse_ino_t id, struct fuse_file_info *info) {
  (void)id;
  info->fh = (uint64_t)(uintptr_t)calloc(1, sizeof(struct listing));
  fuse_reply_open(request, info);
}

static void take_listing(struct listing *listing, struct node *folder) {
  size_t count = 2;
  for (struct node *child = folder->first; child != NULL; child = child->next) count++;
  listing->entries = realloc(listing->entries, count * sizeof(struct node *));
  listing->count = 0;
  listing->entries[listing->count++] = folder;
  listing->entries[listing->count++] = folder->parent == NULL ? folder : folder->parent;
  for (struct node *child = folder->first; child != NULL; child = child->next) listing->entries[listing->count++] = child;
}

static void read_folder(fuse_req_t request, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *info,
                        bool is_plus) {
  struct listing *listing = (struct listing *)(uintptr_t)info->fh;
  if (offset == 0) take_listing(listing, node_of(id));
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

int main(int count, char **words) {
  if (count != 4) return fprintf(stderr, "usage: memory-fs BACKING_FOLDER VALID_SECONDS MOUNTPOINT\n"), 2;
  backing_folder = words[1];
  valid_seconds = atof(words[2]);
  make(NULL, "", S_IFDIR | 0755)->lookups = 1;
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
