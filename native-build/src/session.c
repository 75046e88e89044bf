/*
 * Makes the session behind a mounted device and gives JavaScript its functions. The memory of a session (some
 * kilobytes) lives as long as the process, because functions may be called after close(); a process mounts few times.
 */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel_abi.h"

enum { MOST_NOTES_AT_ONCE = 256, MOST_TOKENS_AT_ONCE = 256, LONGEST_NOTIFICATION = 40 + 131072 };

static napi_value js_bind(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  if (session->is_closed) return js_int(env, -ENODEV);
  return js_int(env, data_plane_bind(session->plane, (uint64_t)number_argument(&call, 0), int_argument(&call, 1)));
}

static napi_value js_unbind(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  return js_int(env, data_plane_unbind(session->plane, (uint64_t)number_argument(&call, 0)));
}

static napi_value js_drained(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  uint32_t tokens[MOST_TOKENS_AT_ONCE];
  const size_t count = data_plane_drained(session->plane, tokens, MOST_TOKENS_AT_ONCE);
  napi_value result = NULL;
  napi_create_array_with_length(env, count, &result);
  for (size_t index = 0; index < count; index++) {
    napi_set_element(env, result, (uint32_t)index, js_int(env, tokens[index]));
  }
  return result;
}

/* notes(into): handle, offset, length, handle, ... of writes that were done; how many numbers, 0 when there are no more. */
static napi_value js_notes(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  struct note notes[MOST_NOTES_AT_ONCE];
  size_t room = 0;
  double *into = numbers_argument(&call, 0, &room);
  const size_t most = room / 3 < MOST_NOTES_AT_ONCE ? room / 3 : MOST_NOTES_AT_ONCE;
  const size_t count = data_plane_notes(session->plane, notes, most);
  for (size_t index = 0; index < count; index++) {
    into[index * 3] = (double)notes[index].handle;
    into[index * 3 + 1] = (double)notes[index].offset;
    into[index * 3 + 2] = (double)notes[index].length;
  }
  if (session->is_closed) return js_int(env, (int64_t)count * 3);
  session->status[STATUS_NOTES] = data_plane_note_count(session->plane);
  session->status[STATUS_WRITES] = data_plane_writes(session->plane);
  session->has_told_of_writes = false;
  return js_int(env, (int64_t)count * 3);
}

static napi_value js_privileges_changed(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  data_plane_privileges_changed(session->plane);
  return js_undefined(env);
}

/* keepOnlyAttributes(prefix, error): the names of those that JavaScript is asked for begin so. */
static napi_value js_keep_only_attributes(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  char *prefix = string_argument(&call, 0, LONGEST_NAMESPACE);
  if (prefix == NULL) return NULL;
  session->kept_attributes.error = int_argument(&call, 1);
  strcpy(session->kept_attributes.prefix, prefix);
  free(prefix);
  return js_undefined(env);
}

/* The message; NULL for one that is none, or where the session has ended: *error says which. */
static const uint8_t *notification_argument(const struct call *call, size_t *length, int32_t *error) {
  const struct session *session = call->data;
  const uint8_t *bytes = bytes_argument(call, 0, length);
  *error = session->is_closed ? -ENODEV : -EINVAL;
  const bool is_whole = bytes != NULL && *length >= sizeof(struct reply_header) && *length <= LONGEST_NOTIFICATION;
  return is_whole && !session->is_closed ? bytes : NULL;
}

static napi_value js_notify(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  size_t length = 0;
  int32_t error = 0;
  const uint8_t *bytes = notification_argument(&call, &length, &error);
  return js_int(env, bytes == NULL ? error : notifier_send(session->notifier, bytes, length));
}

/*
 * notifyNow(message): goes out before anything that is answered after it, on this thread. Only what can't wait for a request
 * of ours: a node's attributes, while a request about that node is under way, which keeps it from being let go.
 */
static napi_value js_notify_now(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  const struct session *session = call.data;
  size_t length = 0;
  int32_t error = 0;
  const uint8_t *bytes = notification_argument(&call, &length, &error);
  if (bytes == NULL) return js_int(env, error);
  ssize_t written;
  do written = write(session->fd, bytes, length);
  while (written < 0 && errno == EINTR);
  return js_int(env, written < 0 ? -errno : 0);
}

static napi_value js_notified(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  return js_int(env, session->is_closed ? 0 : notifier_done(session->notifier));
}

static napi_value js_notifier_busy(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  return js_int(env, session->is_closed ? 0 : notifier_busy_ms(session->notifier));
}

/* openBacking(descriptor): an id for kernel passthrough, or a negative errno. */
static napi_value js_open_backing(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  struct backing_map map = {.fd = int_argument(&call, 0)};
  if (session->is_closed) return js_int(env, -ENODEV);
  const int id = ioctl(session->fd, BACKING_OPEN, &map);
  return js_int(env, id < 0 ? -errno : id);
}

static napi_value js_close_backing(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  uint32_t id = (uint32_t)int_argument(&call, 0);
  if (session->is_closed) return js_int(env, -ENODEV);
  return js_int(env, ioctl(session->fd, BACKING_CLOSE, &id) < 0 ? -errno : 0);
}

void session_let_go(struct session *session) {
  napi_env env = session->env;
  napi_async_destroy(env, session->context);
  napi_ref references[] = {session->pool_ref,  session->arena_ref,   session->status_ref,
                           session->woken_ref, session->message_ref, session->owner_ref};
  for (size_t index = 0; index < sizeof references / sizeof *references; index++) {
    napi_delete_reference(env, references[index]);
  }
}

static void env_ends(void *data) { session_shut_down(data); }

/* close(): ends the threads and lets go of the device, which aborts what the kernel still waits for. */
static napi_value js_close(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  if (session->is_closed) return js_undefined(env);
  session_shut_down(session);
  napi_remove_env_cleanup_hook(env, env_ends, session);
  if (session->open_calls == 0) session_let_go(session);
  return js_undefined(env);
}

static void define_session_functions(napi_env env, napi_value object, struct session *session) {
  define_device_functions(env, object, session);
  define_function(env, object, "bind", js_bind, session);
  define_function(env, object, "unbind", js_unbind, session);
  define_function(env, object, "drained", js_drained, session);
  define_function(env, object, "notes", js_notes, session);
  define_function(env, object, "privilegesChanged", js_privileges_changed, session);
  define_function(env, object, "keepOnlyAttributes", js_keep_only_attributes, session);
  define_function(env, object, "notify", js_notify, session);
  define_function(env, object, "notifyNow", js_notify_now, session);
  define_function(env, object, "notified", js_notified, session);
  define_function(env, object, "notifierBusyMs", js_notifier_busy, session);
  define_function(env, object, "openBacking", js_open_backing, session);
  define_function(env, object, "closeBacking", js_close_backing, session);
  define_function(env, object, "close", js_close, session);
}

/* Checks and takes the memory that JavaScript gave; false when it does not fit. */
static bool take_memory(struct session *session, const struct call *call) {
  size_t pool_size = 0, status_words = 0;
  napi_typedarray_type type;
  void *status = NULL;
  session->pool = bytes_argument(call, 1, &pool_size);
  session->slot_size = (size_t)number_argument(call, 2);
  session->arena = bytes_argument(call, 3, &session->arena_size);
  if (napi_get_typedarray_info(call->env, call->arguments[4], &type, &status_words, &status, NULL, NULL) != napi_ok) {
    return false;
  }
  session->status = status;
  if (session->pool == NULL || session->arena == NULL || type != napi_int32_array) return false;
  if (status_words < STATUS_WORDS || session->slot_size < 8192 || session->slot_size > (1 << 25)) return false;
  session->slot_count = (int)(pool_size / session->slot_size);
  if (session->slot_count > MOST_SLOTS) session->slot_count = MOST_SLOTS;
  for (int slot = session->slot_count - 1; slot >= 0; slot--) session->free_slots[session->free_count++] = slot;
  return session->slot_count > 0;
}

/* 0 or an errno, with nothing left behind but the session itself. */
static int start_session(struct session *session, int worker_count) {
  uv_loop_t *loop = NULL;
  napi_get_uv_event_loop(session->env, (struct uv_loop_s **)&loop);
  const int flags = fcntl(session->fd, F_GETFL);
  if (flags < 0 || fcntl(session->fd, F_SETFL, flags | O_NONBLOCK) < 0) return errno;
  if (fcntl(session->fd, F_SETFD, FD_CLOEXEC) < 0) return errno;
  session->plane = data_plane_create(session, session->fd, session->slot_size, worker_count);
  session->notifier = notifier_create(session, session->fd);
  int error = session->plane == NULL || session->notifier == NULL ? ENOMEM : 0;
  session->loop = loop;
  if (error == 0) error = session_start_events(session);
  if (error == 0) return 0;
  if (session->plane != NULL) data_plane_free(session->plane);
  if (session->notifier != NULL) notifier_stop(session->notifier);
  return error;
}

static void keep(napi_env env, napi_value value, napi_ref *reference) {
  napi_create_reference(env, value, 1, reference);
}

napi_value attach_session(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return throw_errno(env, "session", ENOMEM);
  session->env = env;
  session->fd = int_argument(&call, 0);
  session->current_slot = -1;
  if (!take_memory(session, &call)) return free(session), throw_errno(env, "session", EINVAL);
  pthread_mutex_init(&session->slots_lock, NULL);
  const int error = start_session(session, int_argument(&call, 5));
  if (error != 0) return free(session), throw_errno(env, "session", error);

  napi_value object, name;
  napi_create_object(env, &object);
  napi_create_string_utf8(env, "odbfs", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, object, name, &session->context);
  keep(env, call.arguments[1], &session->pool_ref);
  keep(env, call.arguments[3], &session->arena_ref);
  keep(env, call.arguments[4], &session->status_ref);
  keep(env, call.arguments[6], &session->message_ref);
  keep(env, call.arguments[7], &session->woken_ref);
  keep(env, object, &session->owner_ref);
  napi_add_env_cleanup_hook(env, env_ends, session);
  define_session_functions(env, object, session);
  return object;
}
