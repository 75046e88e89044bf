/* A hole in a file, made in the thread pool: a large one takes the file system longer than the event loop may wait. */
#define _GNU_SOURCE
#include "hole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

struct hole {
  napi_async_work work;
  napi_deferred deferred;
  int descriptor;
  off_t offset, length;
  int error;
};

static void execute_hole(napi_env env, void *data) {
  (void)env;
  struct hole *hole = data;
  int result;
  do result = fallocate(hole->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hole->offset, hole->length);
  while (result < 0 && errno == EINTR);
  hole->error = result < 0 ? errno : 0;
}

static void complete_hole(napi_env env, napi_status status, void *data) {
  struct hole *hole = data;
  if (status != napi_ok) hole->error = ECANCELED;
  if (hole->error == 0) napi_resolve_deferred(env, hole->deferred, js_undefined(env));
  else napi_reject_deferred(env, hole->deferred, errno_error(env, "a hole in a file", hole->error));
  napi_delete_async_work(env, hole->work);
  free(hole);
}

/* punchHole(descriptor, offset, length): a promise. The descriptor must stay open until it is settled. */
static napi_value js_punch_hole(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct hole *hole = calloc(1, sizeof *hole);
  if (hole == NULL) return throw_errno(env, "a hole in a file", ENOMEM);
  hole->descriptor = int_argument(&call, 0);
  hole->offset = (off_t)number_argument(&call, 1);
  hole->length = (off_t)number_argument(&call, 2);
  napi_value promise, name;
  napi_create_string_utf8(env, "punchHole", NAPI_AUTO_LENGTH, &name);
  napi_create_promise(env, &hole->deferred, &promise);
  napi_create_async_work(env, NULL, name, execute_hole, complete_hole, hole, &hole->work);
  napi_queue_async_work(env, hole->work);
  return promise;
}

void define_hole_functions(napi_env env, napi_value object) {
  define_function(env, object, "punchHole", js_punch_hole, NULL);
}
