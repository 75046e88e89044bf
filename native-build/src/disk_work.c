/*
 * What the disk is asked in the thread pool, for it takes longer than the event loop may wait: a hole in a file, and the
 * sync of a whole file system. Each is a promise; the descriptor must stay open until it is settled.
 */
#define _GNU_SOURCE
#include "disk_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct disk_work {
  int (*run)(const struct disk_work *); /* 0, or -1 and errno */
  const char *what;
  napi_async_work work;
  napi_deferred deferred;
  int descriptor;
  off_t offset, length;
  int error;
};

static int punch_hole(const struct disk_work *disk) {
  return fallocate(disk->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, disk->offset, disk->length);
}

static int sync_file_system(const struct disk_work *disk) { return syncfs(disk->descriptor); }

static void execute(napi_env env, void *data) {
  (void)env;
  struct disk_work *disk = data;
  int result;
  do result = disk->run(disk);
  while (result < 0 && errno == EINTR);
  disk->error = result < 0 ? errno : 0;
}

static void complete(napi_env env, napi_status status, void *data) {
  struct disk_work *disk = data;
  if (status != napi_ok) disk->error = ECANCELED;
  if (disk->error == 0) napi_resolve_deferred(env, disk->deferred, js_undefined(env));
  else napi_reject_deferred(env, disk->deferred, errno_error(env, disk->what, disk->error));
  napi_delete_async_work(env, disk->work);
  free(disk);
}

static napi_value begin(napi_env env, struct disk_work asked) {
  struct disk_work *disk = malloc(sizeof *disk);
  if (disk == NULL) return throw_errno(env, asked.what, ENOMEM);
  *disk = asked;
  napi_value promise, name;
  napi_create_string_utf8(env, disk->what, NAPI_AUTO_LENGTH, &name);
  napi_create_promise(env, &disk->deferred, &promise);
  napi_create_async_work(env, NULL, name, execute, complete, disk, &disk->work);
  napi_queue_async_work(env, disk->work);
  return promise;
}

/* punchHole(descriptor, offset, length) */
static napi_value js_punch_hole(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  return begin(env, (struct disk_work){.run = punch_hole,
                                       .what = "a hole in a file",
                                       .descriptor = int_argument(&call, 0),
                                       .offset = (off_t)number_argument(&call, 1),
                                       .length = (off_t)number_argument(&call, 2)});
}

/* syncFileSystem(descriptor): of any file on it */
static napi_value js_sync_file_system(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  return begin(env, (struct disk_work){.run = sync_file_system,
                                       .what = "the sync of a file system",
                                       .descriptor = int_argument(&call, 0)});
}

void define_disk_functions(napi_env env, napi_value object) {
  define_function(env, object, "punchHole", js_punch_hole, NULL);
  define_function(env, object, "syncFileSystem", js_sync_file_system, NULL);
}
