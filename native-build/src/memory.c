/*
 * Gives what the allocator holds and nobody uses back to the system. Compiling a program's JavaScript takes and frees
 * tens of megabytes in small pieces; glibc returns them only from the end of its heap, where something lives on.
 */
#include "memory.h"

#include <malloc.h>
#include <stdlib.h>

struct release {
  napi_async_work work;
};

static void execute_release(napi_env env, void *data) {
  (void)env;
  (void)data;
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

static void complete_release(napi_env env, napi_status status, void *data) {
  (void)status;
  struct release *release = data;
  napi_delete_async_work(env, release->work);
  free(release);
}

/* releaseMemory(): in the thread pool, some time soon. Where there is no memory for that, none is given back. */
static napi_value js_release_memory(napi_env env, napi_callback_info info) {
  (void)info;
  struct release *release = calloc(1, sizeof *release);
  if (release == NULL) return js_undefined(env);
  napi_value name;
  napi_create_string_utf8(env, "releaseMemory", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, execute_release, complete_release, release, &release->work);
  napi_queue_async_work(env, release->work);
  return js_undefined(env);
}

void define_memory_functions(napi_env env, napi_value object) {
  define_function(env, object, "releaseMemory", js_release_memory, NULL);
}
