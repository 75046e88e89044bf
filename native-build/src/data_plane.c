/* See data_plane.h. The tables: bindings by handle, retired bindings, notes. What is done with them: data_io.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "data_plane_parts.h"
#include "session.h"

static size_t bucket_of(const struct data_plane *plane, uint64_t handle) {
  return (size_t)((handle * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (plane->bucket_count - 1);
}

struct binding *find_binding(struct data_plane *plane, uint64_t handle) {
  struct binding *binding = plane->buckets[bucket_of(plane, handle)];
  while (binding != NULL && binding->handle != handle) binding = binding->next;
  return binding;
}

struct data_plane *data_plane_create(struct session *session, int fd, size_t message_size, int worker_count) {
  struct data_plane *plane = calloc(1, sizeof *plane);
  if (plane == NULL) return NULL;
  plane->bucket_count = 4096;
  plane->buckets = calloc(plane->bucket_count, sizeof *plane->buckets);
  plane->inline_reply = malloc(sizeof(struct reply_header) + LARGEST_READ_NOW);
  if (plane->buckets == NULL || plane->inline_reply == NULL) {
    free(plane->buckets);
    free(plane->inline_reply);
    free(plane);
    return NULL;
  }
  plane->session = session;
  plane->fd = fd;
  plane->message_size = message_size;
  plane->worker_count = worker_count > MOST_WORKERS ? MOST_WORKERS : worker_count;
  plane->privileges_epoch = 1;
  pthread_mutex_init(&plane->lock, NULL);
  pthread_cond_init(&plane->job_ready, NULL);
  pthread_cond_init(&plane->note_room, NULL);
  return plane;
}

void data_plane_stop(struct data_plane *plane) {
  pthread_mutex_lock(&plane->lock);
  plane->is_stopping = true;
  pthread_cond_broadcast(&plane->job_ready);
  pthread_cond_broadcast(&plane->note_room);
  pthread_mutex_unlock(&plane->lock);
  for (int index = 0; index < plane->workers_started; index++) pthread_join(plane->workers[index], NULL);
  plane->workers_started = 0;
}

static void free_bindings(struct binding *binding) {
  while (binding != NULL) {
    struct binding *next = binding->next;
    free(binding);
    binding = next;
  }
}

void data_plane_free(struct data_plane *plane) {
  for (size_t index = 0; index < plane->bucket_count; index++) free_bindings(plane->buckets[index]);
  free_bindings(plane->drained);
  free(plane->buckets);
  free(plane->inline_reply);
  pthread_cond_destroy(&plane->note_room);
  pthread_cond_destroy(&plane->job_ready);
  pthread_mutex_destroy(&plane->lock);
  free(plane);
}

static bool is_in_memory(int fd) {
  enum { TMPFS = 0x01021994 };
  struct statfs file_system;
  return fstatfs(fd, &file_system) == 0 && file_system.f_type == TMPFS;
}

int data_plane_bind(struct data_plane *plane, uint64_t handle, int fd) {
  if (find_binding(plane, handle) != NULL) return -EEXIST;
  if (plane->binding_count >= MOST_BINDINGS) return -EMFILE;
  struct binding *binding = calloc(1, sizeof *binding);
  if (binding == NULL) return -ENOMEM;
  binding->handle = handle;
  binding->fd = fd;
  binding->is_in_memory = is_in_memory(fd);
  binding->can_read_now = true;
  binding->can_write_now = true;
  struct binding **bucket = &plane->buckets[bucket_of(plane, handle)];
  binding->next = *bucket;
  *bucket = binding;
  plane->binding_count++;
  return 0;
}

uint32_t data_plane_unbind(struct data_plane *plane, uint64_t handle) {
  struct binding **at = &plane->buckets[bucket_of(plane, handle)];
  while (*at != NULL && (*at)->handle != handle) at = &(*at)->next;
  struct binding *binding = *at;
  if (binding == NULL) return 0;
  *at = binding->next;
  binding->next = NULL;
  plane->binding_count--;
  pthread_mutex_lock(&plane->lock);
  const bool is_used = binding->users > 0;
  if (is_used) {
    plane->last_token = plane->last_token == UINT32_MAX ? 1 : plane->last_token + 1;
    binding->token = plane->last_token;
  }
  const uint32_t token = binding->token;
  pthread_mutex_unlock(&plane->lock);
  if (!is_used) free(binding);
  return token;
}

size_t data_plane_drained(struct data_plane *plane, uint32_t *tokens, size_t most) {
  size_t count = 0;
  pthread_mutex_lock(&plane->lock);
  while (plane->drained != NULL && count < most) {
    struct binding *binding = plane->drained;
    plane->drained = binding->next;
    tokens[count++] = binding->token;
    free(binding);
  }
  pthread_mutex_unlock(&plane->lock);
  return count;
}

/* Called with the lock held, after one job on the binding. */
bool release_binding(struct data_plane *plane, struct binding *binding) {
  binding->users--;
  if (binding->token == 0 || binding->users > 0) return false;
  binding->next = plane->drained;
  plane->drained = binding;
  return true;
}

void data_plane_privileges_changed(struct data_plane *plane) { plane->privileges_epoch++; }

int32_t data_plane_note_count(struct data_plane *plane) {
  return atomic_load_explicit(&plane->note_count, memory_order_acquire);
}

int32_t data_plane_writes(struct data_plane *plane) {
  return atomic_load_explicit(&plane->writes, memory_order_relaxed);
}

/* Called with the lock held and room for one note. Runs that continue the last note of the same handle extend it. */
static void push_note(struct data_plane *plane, struct note note) {
  const int32_t count = atomic_load_explicit(&plane->note_count, memory_order_relaxed);
  if (count > 0) {
    struct note *last = &plane->notes[count - 1];
    if (last->handle == note.handle && last->offset + last->length == note.offset) {
      last->length += note.length;
      return;
    }
  }
  plane->notes[count] = note;
  atomic_store_explicit(&plane->note_count, count + 1, memory_order_release);
}

void note_write(struct data_plane *plane, struct note note) {
  pthread_mutex_lock(&plane->lock);
  while (atomic_load(&plane->note_count) == MOST_NOTES && !plane->is_stopping) {
    session_wake(plane->session);
    pthread_cond_wait(&plane->note_room, &plane->lock);
  }
  if (atomic_load(&plane->note_count) < MOST_NOTES) push_note(plane, note);
  pthread_mutex_unlock(&plane->lock);
}

size_t data_plane_notes(struct data_plane *plane, struct note *notes, size_t most) {
  pthread_mutex_lock(&plane->lock);
  size_t count = (size_t)atomic_load(&plane->note_count);
  if (count > most) count = most;
  memcpy(notes, plane->notes, count * sizeof *notes);
  const size_t left = (size_t)atomic_load(&plane->note_count) - count;
  memmove(plane->notes, plane->notes + count, left * sizeof *notes);
  atomic_store_explicit(&plane->note_count, (int32_t)left, memory_order_release);
  if (left == 0) atomic_store(&plane->writes, plane->write_jobs);
  pthread_cond_broadcast(&plane->note_room);
  pthread_mutex_unlock(&plane->lock);
  return count;
}
