/*
 * Four things that Node has no call for: a Unix datagram (sd_notify), no core dumps and no reading of our memory by
 * others, where a file has holes, and a watchdog that aborts the connection to the kernel when nobody disarms it in time.
 */
#define _GNU_SOURCE
#include "process_services.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096 };

/* datagram(path, bytes): to a socket in the file system, or in the abstract namespace when it begins with "@". */
static napi_value js_datagram(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char *path = string_argument(&call, 0, sizeof address.sun_path - 1);
  if (path == NULL) return NULL;
  const size_t path_length = strlen(path);
  memcpy(address.sun_path, path, path_length);
  free(path);
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;
  size_t length = 0;
  const uint8_t *bytes = bytes_argument(&call, 1, &length);
  if (bytes == NULL || path_length == 0) return throw_errno(env, "datagram", EINVAL);
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return throw_errno(env, "datagram", errno);
  const socklen_t address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length);
  const ssize_t sent = sendto(descriptor, bytes, length, MSG_NOSIGNAL, (struct sockaddr *)&address, address_length);
  const int error = errno;
  close(descriptor);
  return sent < 0 ? throw_errno(env, "datagram", error) : js_undefined(env);
}

static napi_value js_forbid_dumps(napi_env env, napi_callback_info info) {
  (void)info;
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? throw_errno(env, "prctl", errno) : js_undefined(env);
}

/* seek(descriptor, offset, forHole): where data, or a hole, begins at or behind the offset. Bytes are read and written elsewhere by offset. */
static napi_value js_seek(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  bool for_hole = false;
  napi_get_value_bool(env, call.arguments[2], &for_hole);
  const off_t found = lseek(int_argument(&call, 0), (off_t)number_argument(&call, 1), for_hole ? SEEK_HOLE : SEEK_DATA);
  return js_int(env, found < 0 ? -errno : found);
}

/* Shared by the thread and the functions; freed by whoever is last. */
struct watchdog {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct timespec deadline;
  bool is_disarmed;
  int users;
  int descriptor;
};

static void leave_watchdog(struct watchdog *watchdog) {
  pthread_mutex_lock(&watchdog->lock);
  const bool is_last = --watchdog->users == 0;
  pthread_mutex_unlock(&watchdog->lock);
  if (!is_last) return;
  pthread_cond_destroy(&watchdog->changed);
  pthread_mutex_destroy(&watchdog->lock);
  if (watchdog->descriptor >= 0) close(watchdog->descriptor);
  free(watchdog);
}

static void *run_watchdog(void *data) {
  struct watchdog *watchdog = data;
  int error = 0;
  pthread_mutex_lock(&watchdog->lock);
  while (!watchdog->is_disarmed && error != ETIMEDOUT) {
    error = pthread_cond_timedwait(&watchdog->changed, &watchdog->lock, &watchdog->deadline);
  }
  const bool must_abort = !watchdog->is_disarmed;
  pthread_mutex_unlock(&watchdog->lock);
  if (must_abort && write(watchdog->descriptor, "1", 1) < 0) error = errno; /* gone already: nothing to abort */
  leave_watchdog(watchdog);
  return NULL;
}

/* Being collected does not disarm: that happens at the process's end too, which is what must not hang. */
static void forget_watchdog(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  leave_watchdog(data);
}

static napi_value js_disarm(napi_env env, napi_callback_info info) {
  struct watchdog *watchdog = call_of(env, info).data;
  pthread_mutex_lock(&watchdog->lock);
  watchdog->is_disarmed = true;
  pthread_cond_signal(&watchdog->changed);
  pthread_mutex_unlock(&watchdog->lock);
  return js_undefined(env);
}

static struct watchdog *create_watchdog(const char *path, int timeout_ms) {
  struct watchdog *watchdog = calloc(1, sizeof *watchdog);
  if (watchdog == NULL) return NULL;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&watchdog->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  pthread_mutex_init(&watchdog->lock, NULL);
  clock_gettime(CLOCK_MONOTONIC, &watchdog->deadline);
  watchdog->deadline.tv_sec += timeout_ms / 1000;
  watchdog->deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
  if (watchdog->deadline.tv_nsec >= 1000000000) {
    watchdog->deadline.tv_nsec -= 1000000000;
    watchdog->deadline.tv_sec++;
  }
  /* Now and not when it bites: a connection that has gone by then leaves its number to another, which is not ours. */
  watchdog->descriptor = open(path, O_WRONLY | O_CLOEXEC);
  watchdog->users = 2;
  return watchdog;
}

/*
 * armWatchdog(abortPath, timeoutMs): a function that disarms it. Otherwise "1" is written to the file that is there now
 * after the timeout, from a thread of its own: even when JavaScript, or this process's exit, hangs in the kernel by then.
 */
static napi_value js_arm_watchdog(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  char *path = string_argument(&call, 0, LONGEST_PATH);
  if (path == NULL) return NULL;
  struct watchdog *watchdog = create_watchdog(path, int_argument(&call, 1));
  free(path);
  if (watchdog == NULL) return throw_errno(env, "watchdog", ENOMEM);
  pthread_t thread;
  const int error = pthread_create(&thread, NULL, run_watchdog, watchdog);
  if (error != 0) {
    watchdog->users = 1;
    leave_watchdog(watchdog);
    return throw_errno(env, "watchdog", error);
  }
  pthread_detach(thread);
  napi_value function = NULL;
  napi_create_function(env, "disarm", NAPI_AUTO_LENGTH, js_disarm, watchdog, &function);
  napi_add_finalizer(env, function, watchdog, forget_watchdog, NULL, NULL);
  return function;
}

void define_process_services(napi_env env, napi_value object) {
  define_function(env, object, "datagram", js_datagram, NULL);
  define_function(env, object, "forbidDumps", js_forbid_dumps, NULL);
  define_function(env, object, "seek", js_seek, NULL);
  define_function(env, object, "armWatchdog", js_arm_watchdog, NULL);
}
