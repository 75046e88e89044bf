/* The addon's exports; src/fuse/addon.ts says what each one promises. */
#include "disk_work.h"
#include "memory.h"
#include "mount.h"
#include "napi_support.h"
#include "process_services.h"
#include "session.h"

NAPI_MODULE_INIT() {
  define_mount_functions(env, exports);
  define_process_services(env, exports);
  define_memory_functions(env, exports);
  define_disk_functions(env, exports);
  define_function(env, exports, "attach", attach_session, NULL);
  return exports;
}
