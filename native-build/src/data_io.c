/* See data_plane.h. Who answers a READ or WRITE, and the answering: on the loop from the page cache, or in workers. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "data_plane_parts.h"
#include "session.h"

/* Not in older headers; older musl has no preadv2() either, hence the system calls by number. */
enum { NO_WAIT = 8 };

/* `flags`: NO_WAIT, or 0 for a file that never waits. */
static ssize_t transfer_now(long number, int fd, struct iovec part, uint64_t offset, int flags) {
  const unsigned long low = (unsigned long)offset;
  const unsigned long high = (unsigned long)((offset >> (4 * sizeof(long))) >> (4 * sizeof(long)));
  return syscall(number, fd, &part, 1UL, low, high, flags);
}

/* What JavaScript counts in exactly; some disks would take more, and nobody would know how much of it. */
static const uint64_t LARGEST_SIZE = (UINT64_C(1) << 53) - 1;

static void send_message(int fd, const void *message, size_t length) {
  /* ENOENT: nobody waits any more. ENODEV: the session has ended, which the reader learns as well. */
  while (write(fd, message, length) < 0 && errno == EINTR) continue;
}

static void send_error(int fd, uint64_t unique, int error) {
  const struct reply_header reply = {.length = sizeof reply, .error = -error, .unique = unique};
  send_message(fd, &reply, sizeof reply);
}

static void send_written(int fd, uint64_t unique, uint32_t size) {
  const struct {
    struct reply_header header;
    struct write_reply body;
  } reply = {{sizeof reply, 0, unique}, {size, 0}};
  send_message(fd, &reply, sizeof reply);
}

/* `reply` has room for a header, followed by the bytes that were read. */
static void send_read(int fd, uint64_t unique, uint8_t *reply, size_t size) {
  const struct reply_header header = {(uint32_t)(sizeof header + size), 0, unique};
  memcpy(reply, &header, sizeof header);
  send_message(fd, reply, sizeof header + size);
}

/* All of `length`, or up to the end of the file. */
static ssize_t read_fully(int fd, uint8_t *bytes, size_t length, uint64_t offset) {
  size_t done = 0;
  while (done < length) {
    const ssize_t count = pread(fd, bytes + done, length - done, (off_t)(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return done > 0 ? (ssize_t)done : -errno;
    if (count == 0) break;
    done += (size_t)count;
  }
  return (ssize_t)done;
}

static ssize_t write_fully(int fd, const uint8_t *bytes, size_t length, uint64_t offset) {
  size_t done = 0;
  while (done < length) {
    const ssize_t count = pwrite(fd, bytes + done, length - done, (off_t)(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return done > 0 ? (ssize_t)done : -errno;
    done += (size_t)count;
  }
  return (ssize_t)done;
}

static void do_read(struct data_plane *plane, const struct job *job, uint8_t *reply) {
  const ssize_t count = read_fully(job->binding->fd, reply + sizeof(struct reply_header), job->size, job->offset);
  if (count < 0) send_error(plane->fd, job->unique, (int)-count);
  else send_read(plane->fd, job->unique, reply, (size_t)count);
}

static void do_write(struct data_plane *plane, const struct job *job) {
  const uint8_t *bytes =
      session_slot(plane->session, job->slot) + sizeof(struct request_header) + sizeof(struct write_request);
  const ssize_t count = write_fully(job->binding->fd, bytes, job->size, job->offset);
  if (count > 0) note_write(plane, (struct note){job->binding->handle, job->offset, (uint64_t)count});
  if (count < 0) send_error(plane->fd, job->unique, (int)-count);
  else send_written(plane->fd, job->unique, (uint32_t)count);
}

static bool next_job(struct data_plane *plane, struct job *job) {
  plane->idle_workers++;
  while (plane->job_count == 0 && !plane->is_stopping) pthread_cond_wait(&plane->job_ready, &plane->lock);
  plane->idle_workers--;
  if (plane->job_count == 0) return false;
  *job = plane->jobs[plane->first_job];
  plane->first_job = (plane->first_job + 1) % JOB_RING;
  plane->job_count--;
  return true;
}

static void *run_worker(void *data) {
  struct data_plane *plane = data;
  uint8_t *reply = malloc(sizeof(struct reply_header) + plane->message_size);
  struct job job;
  pthread_mutex_lock(&plane->lock);
  while (next_job(plane, &job)) {
    pthread_mutex_unlock(&plane->lock);
    if (reply == NULL) send_error(plane->fd, job.unique, ENOMEM);
    else if (job.slot < 0) do_read(plane, &job, reply);
    else do_write(plane, &job);
    if (job.slot >= 0) session_free_slot(plane->session, job.slot);
    pthread_mutex_lock(&plane->lock);
    if (job.slot >= 0) plane->write_jobs--;
    const bool has_drained = release_binding(plane, job.binding);
    const bool has_room = plane->wants_room && plane->job_count < MOST_JOBS;
    if (has_room) plane->wants_room = false;
    if (has_room) session_has_room(plane->session);
    if (has_drained) session_wake(plane->session);
  }
  pthread_mutex_unlock(&plane->lock);
  free(reply);
  return NULL;
}

bool data_plane_is_calm(struct data_plane *plane) {
  return atomic_load_explicit(&plane->job_count, memory_order_relaxed) < MOST_JOBS;
}

bool data_plane_has_room(struct data_plane *plane) {
  pthread_mutex_lock(&plane->lock);
  const bool has_room = plane->job_count < MOST_JOBS;
  plane->wants_room = !has_room;
  pthread_mutex_unlock(&plane->lock);
  return has_room;
}

static int start_worker(struct data_plane *plane) {
  const int error = pthread_create(&plane->workers[plane->workers_started], NULL, run_worker, plane);
  if (error == 0) plane->workers_started++;
  return plane->workers_started > 0 ? 0 : error;
}

static int enqueue(struct data_plane *plane, const struct job *job) {
  int error = 0;
  pthread_mutex_lock(&plane->lock);
  if (plane->idle_workers <= (int)plane->job_count && plane->workers_started < plane->worker_count) {
    error = start_worker(plane);
  }
  if (error == 0 && plane->job_count == JOB_RING) error = EAGAIN;
  if (error == 0) {
    plane->jobs[(plane->first_job + plane->job_count++) % JOB_RING] = *job;
    job->binding->users++;
    if (job->slot >= 0) plane->write_jobs++;
    if (job->slot >= 0) atomic_store(&plane->writes, 1);
    pthread_cond_signal(&plane->job_ready);
  }
  pthread_mutex_unlock(&plane->lock);
  return error;
}

/* True when the bytes were in the page cache and the answer was sent. */
static bool read_now(struct data_plane *plane, struct binding *binding, const struct job *job) {
  if (job->size > LARGEST_READ_NOW || !binding->can_read_now) return false;
  uint8_t *bytes = plane->inline_reply + sizeof(struct reply_header);
  size_t done = 0;
  while (done < job->size) {
    const struct iovec part = {.iov_base = bytes + done, .iov_len = job->size - done};
    const int flags = binding->is_in_memory ? 0 : NO_WAIT;
    const ssize_t count = transfer_now(SYS_preadv2, binding->fd, part, job->offset + done, flags);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) binding->can_read_now = false;
    if (count < 0) return false;
    if (count == 0) break;
    done += (size_t)count;
    if (binding->is_in_memory) break; /* short only at the end of the file */
  }
  send_read(plane->fd, job->unique, plane->inline_reply, done);
  return true;
}

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One attempt on the loop; what it returns is what pwritev2() did. */
static ssize_t try_write(struct data_plane *plane, struct binding *binding, const struct job *job, uint8_t *bytes) {
  const struct iovec part = {.iov_base = bytes, .iov_len = job->size};
  if (binding->is_in_memory) return transfer_now(SYS_pwritev2, binding->fd, part, job->offset, 0);
  if (binding->can_write_now) {
    const ssize_t count = transfer_now(SYS_pwritev2, binding->fd, part, job->offset, NO_WAIT);
    if (count >= 0 || errno == EAGAIN || errno == EINTR) return count;
    binding->can_write_now = false;
  }
  const int64_t started_us = now_us();
  if (job->size > SMALL_WRITE || started_us < plane->workers_until_us) return -1;
  const ssize_t count = transfer_now(SYS_pwritev2, binding->fd, part, job->offset, 0);
  const int64_t ended_us = now_us();
  if (ended_us - started_us > SLOW_WRITE_US) plane->workers_until_us = ended_us + (int64_t)WORKERS_FOR_MS * 1000;
  return count;
}

/* True when the bytes went to the page cache and the answer was sent. Failures are repeated, and told, by a worker. */
static bool write_now(struct data_plane *plane, struct binding *binding, const struct job *job, uint8_t *bytes) {
  if (job->size > LARGEST_WRITE_NOW || data_plane_note_count(plane) == MOST_NOTES) return false;
  const ssize_t count = try_write(plane, binding, job, bytes);
  if (count < 0 || (size_t)count < job->size) return false;
  note_write(plane, (struct note){binding->handle, job->offset, job->size});
  atomic_store(&plane->writes, 1);
  send_written(plane->fd, job->unique, job->size);
  return true;
}

static enum taken take_read(struct data_plane *plane, const struct request_header *header, const uint8_t *body) {
  struct read_request request;
  memcpy(&request, body, sizeof request);
  struct binding *binding = find_binding(plane, request.handle);
  if (binding == NULL) return NOT_OURS;
  const struct job job = {binding, header->unique, request.offset, request.size, -1};
  if (job.size > plane->message_size) return send_error(plane->fd, job.unique, EINVAL), TAKEN;
  if (read_now(plane, binding, &job)) return TAKEN;
  const int error = enqueue(plane, &job);
  if (error != 0) send_error(plane->fd, job.unique, error);
  return TAKEN;
}

static enum taken take_write(struct data_plane *plane, const struct request_header *header, uint8_t *body, int slot) {
  struct write_request request;
  memcpy(&request, body, sizeof request);
  struct binding *binding = find_binding(plane, request.handle);
  if (binding == NULL) return NOT_OURS;
  const bool kills = (request.write_flags & WRITE_KILL_SUIDGID) != 0;
  if (kills && binding->privileges_epoch != plane->privileges_epoch) return NOT_OURS;
  const struct job job = {binding, header->unique, request.offset, request.size, slot};
  const size_t head = sizeof *header + sizeof request;
  if (request.size > header->length - head) return send_error(plane->fd, job.unique, EINVAL), TAKEN;
  if (request.offset > LARGEST_SIZE - request.size) return send_error(plane->fd, job.unique, EFBIG), TAKEN;
  if (write_now(plane, binding, &job, body + sizeof request)) return TAKEN;
  const int error = enqueue(plane, &job);
  if (error == 0) return TAKEN_SLOT;
  send_error(plane->fd, job.unique, error);
  return TAKEN;
}

enum taken data_plane_take(struct data_plane *plane, uint8_t *message, size_t length, int slot) {
  struct request_header header;
  memcpy(&header, message, sizeof header);
  uint8_t *body = message + sizeof header;
  if (header.opcode == OPCODE_READ) {
    return length < sizeof header + sizeof(struct read_request) ? NOT_OURS : take_read(plane, &header, body);
  }
  if (header.opcode == OPCODE_WRITE) {
    return length < sizeof header + sizeof(struct write_request) ? NOT_OURS : take_write(plane, &header, body, slot);
  }
  return NOT_OURS;
}

int data_plane_submit(struct data_plane *plane, uint8_t *message, size_t length, int slot) {
  struct request_header header;
  struct write_request request;
  if (length < sizeof header + sizeof request) return -EINVAL;
  memcpy(&header, message, sizeof header);
  memcpy(&request, message + sizeof header, sizeof request);
  if (header.opcode != OPCODE_WRITE || request.size > length - sizeof header - sizeof request) return -EINVAL;
  struct binding *binding = find_binding(plane, request.handle);
  if (binding == NULL) return -EBADF;
  binding->privileges_epoch = plane->privileges_epoch;
  const struct job job = {binding, header.unique, request.offset, request.size, slot};
  return -enqueue(plane, &job);
}
