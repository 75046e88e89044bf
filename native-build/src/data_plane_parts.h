/* What data_plane.c and data_io.c share. */
#ifndef ODBFS_DATA_PLANE_PARTS_H
#define ODBFS_DATA_PLANE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "data_plane.h"
#include "kernel_abi.h"

/*
 * A small write goes to the page cache on the loop itself, which costs less than waking a worker. It may have to wait
 * there when the disk is far behind: once one took longer than SLOW_WRITE_US, all go to workers for WORKERS_FOR_MS.
 */
enum { SMALL_WRITE = 16384, SLOW_WRITE_US = 1000, WORKERS_FOR_MS = 10000 };
enum { MOST_WORKERS = 8, MOST_JOBS = 128, JOB_RING = 256 };
/* The kernel reads ahead 128 KiB at a time: to copy as much takes no longer than to wake a worker for it. */
enum { LARGEST_READ_NOW = 131072, LARGEST_WRITE_NOW = 65536 };

/* A handle whose READ and WRITE we answer. The table belongs to the JavaScript thread; `users` and `token` to the lock. */
struct binding {
  struct binding *next;
  uint64_t handle;
  int fd;
  int users;
  uint32_t token; /* set when it was unbound while in use */
  uint32_t privileges_epoch;
  bool is_in_memory;                /* the file never waits for a disk */
  bool can_read_now, can_write_now; /* until the file system says that it cannot answer without waiting */
};

struct job {
  struct binding *binding;
  uint64_t unique;
  uint64_t offset;
  uint32_t size;
  int slot; /* of a WRITE; -1: a READ */
};

struct data_plane {
  struct session *session;
  int fd;
  size_t message_size;
  struct binding **buckets;
  size_t bucket_count;
  int binding_count;
  uint32_t privileges_epoch;
  uint8_t *inline_reply;
  int64_t workers_until_us; /* small writes go to workers until then */

  pthread_mutex_t lock;
  pthread_cond_t job_ready, note_room;
  pthread_t workers[MOST_WORKERS];
  int worker_count, workers_started, idle_workers;
  bool is_stopping, wants_room;
  struct job jobs[JOB_RING];
  unsigned first_job;
  _Atomic unsigned job_count; /* changed with the lock held */
  int32_t write_jobs;
  struct binding *drained;
  uint32_t last_token;
  struct note notes[MOST_NOTES];
  _Atomic int32_t note_count;
  _Atomic int32_t writes; /* whether any write was taken that no note may have been read of yet */
};

struct binding *find_binding(struct data_plane *plane, uint64_t handle);
bool release_binding(struct data_plane *plane, struct binding *binding);
/* Any thread. Waits, on a worker, until JavaScript has made room. */
void note_write(struct data_plane *plane, struct note note);

#endif
