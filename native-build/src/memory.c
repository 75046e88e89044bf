/*
 * Gives what the process holds and no longer uses back to the system.
 *
 * Compiling a program's JavaScript takes and frees tens of megabytes in small pieces; glibc returns them only from the end
 * of its heap, where something lives on. And of node's own code and constants, mapped from its file, the start touches
 * twice as much as what goes on: let go, they are the file's again, and what is used comes back page by page.
 */
#define _GNU_SOURCE
#include "memory.h"

#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct release {
  napi_async_work work;
};

/* The first object is the program itself. Segments that were ever writable hold relocations, which no file has. */
static int let_go_of_program(struct dl_phdr_info *program, size_t size, void *data) {
  (void)size;
  (void)data;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < program->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &program->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    const uintptr_t from = program->dlpi_addr + segment->p_vaddr, to = from + segment->p_filesz;
    madvise((void *)(from & ~(page - 1)), (to & ~(page - 1)) - (from & ~(page - 1)), MADV_DONTNEED);
  }
  return 1;
}

static void execute_release(napi_env env, void *data) {
  (void)env;
  (void)data;
  dl_iterate_phdr(let_go_of_program, NULL);
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
