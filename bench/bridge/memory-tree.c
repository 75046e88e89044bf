/* See memory-tree.h. */
#define _GNU_SOURCE
#include "memory-tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_NODES = 1 << 20, BUCKETS = 1 << 17 };

static struct node *nodes[MOST_NODES], *buckets[BUCKETS];
static uint64_t next_id = 2;
static const char *backing_folder;

void tree_keep_files_in(const char *folder) { backing_folder = folder; }

struct node *tree_node(uint64_t id) { return nodes[id]; }

static size_t bucket_of(const struct node *parent, const char *name) {
  uint64_t hash = 1469598103934665603ULL ^ parent->attributes.st_ino;
  for (; *name != 0; name++) hash = (hash ^ (uint8_t)*name) * 1099511628211ULL;
  return hash % BUCKETS;
}

struct node *tree_find(struct node *parent, const char *name) {
  struct node *node = buckets[bucket_of(parent, name)];
  while (node != NULL && (node->parent != parent || strcmp(node->name, name) != 0)) node = node->next_in_bucket;
  return node;
}

void tree_touch(struct node *node) {
  clock_gettime(CLOCK_REALTIME, &node->attributes.st_mtim);
  node->attributes.st_ctim = node->attributes.st_mtim;
}

struct node *tree_make(struct node *parent, const char *name, mode_t mode) {
  struct node *node = calloc(1, sizeof *node);
  node->descriptor = -1;
  node->attributes.st_ino = parent == NULL ? ROOT_ID : next_id++;
  node->attributes.st_mode = mode;
  node->attributes.st_nlink = S_ISDIR(mode) ? 2 : 1;
  node->attributes.st_blksize = 4096;
  tree_touch(node);
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
  tree_touch(parent);
  return node;
}

void tree_drop_if_unused(struct node *node) {
  if (node->is_linked || node->lookups > 0 || node->opens > 0 || node->parent == NULL) return;
  if (node->descriptor >= 0) close(node->descriptor);
  nodes[node->attributes.st_ino] = NULL;
  free(node->name);
  free(node);
}

void tree_unlink(struct node *node) {
  struct node **at = &buckets[bucket_of(node->parent, node->name)];
  while (*at != node) at = &(*at)->next_in_bucket;
  *at = node->next_in_bucket;
  if (node->previous != NULL) node->previous->next = node->next;
  else node->parent->first = node->next;
  if (node->next != NULL) node->next->previous = node->previous;
  else node->parent->last = node->previous;
  tree_touch(node->parent);
  node->is_linked = false;
  node->attributes.st_nlink = 0;
  tree_drop_if_unused(node);
}

int tree_descriptor(struct node *node) {
  if (node->descriptor < 0) node->descriptor = open(backing_folder, O_TMPFILE | O_RDWR, 0600);
  return node->descriptor;
}

void tree_list(struct listing *listing, struct node *folder) {
  size_t count = 2;
  for (struct node *child = folder->first; child != NULL; child = child->next) count++;
  listing->entries = realloc(listing->entries, count * sizeof(struct node *));
  listing->count = 0;
  listing->entries[listing->count++] = folder;
  listing->entries[listing->count++] = folder->parent == NULL ? folder : folder->parent;
  for (struct node *child = folder->first; child != NULL; child = child->next) listing->entries[listing->count++] = child;
}
