/*
 * The files and folders of the C server of bench/bridge: metadata in memory, the bytes of each file in a nameless file.
 * Knows nothing of FUSE.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { ROOT_ID = 1 };

struct node {
  char *name;
  struct node *parent, *next_in_bucket, *previous, *next, *first, *last;
  uint64_t lookups, opens;
  bool is_linked;
  int descriptor;
  struct stat attributes;
};

/* The listing of an open folder, taken when it is read from the start. */
struct listing {
  size_t count;
  struct node **entries;
};

void tree_keep_files_in(const char *folder);
struct node *tree_node(uint64_t id);
struct node *tree_find(struct node *parent, const char *name);
/* Without a parent: the root. */
struct node *tree_make(struct node *parent, const char *name, mode_t mode);
/* As a change of content or entries does. */
void tree_touch(struct node *node);
void tree_unlink(struct node *node);
/* Frees what has no name, no look-ups and no openings. */
void tree_drop_if_unused(struct node *node);
/* Of the nameless file; opened when it is first needed. */
int tree_descriptor(struct node *node);
void tree_list(struct listing *listing, struct node *folder);
