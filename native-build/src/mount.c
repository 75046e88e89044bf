/*
 * Mounting and unmounting by system call, and the half of `fusermount3` that Node cannot do: receiving a descriptor
 * over a socket. Whatever may wait for the kernel runs on the thread pool and answers with a promise.
 */
#define _GNU_SOURCE
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "napi_support.h"

enum { LONGEST_PATH = 4096, LONGEST_OPTIONS = 4096 };

struct task {
  napi_async_work work;
  napi_deferred deferred;
  const char *what;
  int (*run)(struct task *task); /* a result >= 0 or a negative errno */
  int result;
  int descriptor;
  int flags;
  char *source, *target, *type, *options;
};

static void free_task(struct task *task) {
  free(task->source);
  free(task->target);
  free(task->type);
  free(task->options);
  free(task);
}

static void execute_task(napi_env env, void *data) {
  (void)env;
  struct task *task = data;
  task->result = task->run(task);
}

static void complete_task(napi_env env, napi_status status, void *data) {
  struct task *task = data;
  if (status != napi_ok) task->result = -ECANCELED;
  if (task->result < 0) napi_reject_deferred(env, task->deferred, errno_error(env, task->what, -task->result));
  else napi_resolve_deferred(env, task->deferred, js_int(env, task->result));
  napi_delete_async_work(env, task->work);
  free_task(task);
}

static napi_value start_task(napi_env env, struct task *task) {
  napi_value promise, name;
  napi_create_string_utf8(env, task->what, NAPI_AUTO_LENGTH, &name);
  napi_create_promise(env, &task->deferred, &promise);
  napi_create_async_work(env, NULL, name, execute_task, complete_task, task, &task->work);
  napi_queue_async_work(env, task->work);
  return promise;
}

static int run_mount(struct task *task) {
  const int result = mount(task->source, task->target, task->type, (unsigned long)task->flags, task->options);
  return result < 0 ? -errno : 0;
}

static int run_unmount(struct task *task) {
  return umount2(task->target, task->flags | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}

/* The one descriptor that fusermount3 sends; end of file means that it failed. */
static int run_receive_descriptor(struct task *task) {
  char byte;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do count = recvmsg(task->descriptor, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (count == 0 || header == NULL || header->cmsg_type != SCM_RIGHTS) return -EPROTO;
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

static napi_value js_open_device(napi_env env, napi_callback_info info) {
  (void)info;
  const int descriptor = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  return descriptor < 0 ? throw_errno(env, "/dev/fuse", errno) : js_int(env, descriptor);
}

/* mount(source, target, type, flags, options) */
static napi_value js_mount(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct task *task = calloc(1, sizeof *task);
  if (task == NULL) return throw_errno(env, "mount", ENOMEM);
  task->what = "mount";
  task->run = run_mount;
  task->source = string_argument(&call, 0, LONGEST_PATH);
  task->target = task->source == NULL ? NULL : string_argument(&call, 1, LONGEST_PATH);
  task->type = task->target == NULL ? NULL : string_argument(&call, 2, LONGEST_PATH);
  task->flags = int_argument(&call, 3);
  task->options = task->type == NULL ? NULL : string_argument(&call, 4, LONGEST_OPTIONS);
  if (task->options == NULL) return free_task(task), NULL;
  return start_task(env, task);
}

/* unmount(target, flags) */
static napi_value js_unmount(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct task *task = calloc(1, sizeof *task);
  if (task == NULL) return throw_errno(env, "unmount", ENOMEM);
  task->what = "unmount";
  task->run = run_unmount;
  task->target = string_argument(&call, 0, LONGEST_PATH);
  task->flags = int_argument(&call, 1);
  if (task->target == NULL) return free_task(task), NULL;
  return start_task(env, task);
}

/* socketPair(): [ours, theirs], neither inherited unless it is passed on purpose. */
static napi_value js_socket_pair(napi_env env, napi_callback_info info) {
  (void)info;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return throw_errno(env, "socketpair", errno);
  napi_value result;
  napi_create_array_with_length(env, 2, &result);
  for (uint32_t index = 0; index < 2; index++) napi_set_element(env, result, index, js_int(env, ends[index]));
  return result;
}

static napi_value js_receive_descriptor(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct task *task = calloc(1, sizeof *task);
  if (task == NULL) return throw_errno(env, "recvmsg", ENOMEM);
  task->what = "recvmsg";
  task->run = run_receive_descriptor;
  task->descriptor = int_argument(&call, 0);
  return start_task(env, task);
}

static napi_value js_close_descriptor(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  close(int_argument(&call, 0));
  return js_undefined(env);
}

void define_mount_functions(napi_env env, napi_value object) {
  define_function(env, object, "openDevice", js_open_device, NULL);
  define_function(env, object, "mount", js_mount, NULL);
  define_function(env, object, "unmount", js_unmount, NULL);
  define_function(env, object, "socketPair", js_socket_pair, NULL);
  define_function(env, object, "receiveDescriptor", js_receive_descriptor, NULL);
  define_function(env, object, "closeDescriptor", js_close_descriptor, NULL);
}
