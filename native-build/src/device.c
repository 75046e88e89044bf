/*
 * The device of a session: waits for messages on the loop, receives them into slots, sends replies. See session.h.
 * JavaScript calls receive() until it says that there is no more, and replies from the arena.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel_abi.h"
#include "session.h"

uint8_t *session_slot(struct session *session, int slot) {
  return session->pool + (size_t)slot * session->slot_size;
}

void session_wake(struct session *session) { uv_async_send(session->wake); }

void session_has_room(struct session *session) {
  pthread_mutex_lock(&session->slots_lock);
  const bool was_starved = session->is_starved;
  pthread_mutex_unlock(&session->slots_lock);
  if (was_starved) session_wake(session);
}

void session_free_slot(struct session *session, int slot) {
  pthread_mutex_lock(&session->slots_lock);
  session->free_slots[session->free_count++] = slot;
  const bool was_starved = session->is_starved;
  pthread_mutex_unlock(&session->slots_lock);
  if (was_starved) session_wake(session);
}

static void call_back(struct session *session, napi_ref callback_ref) {
  napi_env env = session->env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value owner, callback;
  napi_get_reference_value(env, session->owner_ref, &owner);
  napi_get_reference_value(env, callback_ref, &callback);
  if (napi_make_callback(env, session->context, owner, callback, 0, NULL, NULL) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)status; /* an error shows when receive() reads */
  (void)events;
  struct session *session = uv_handle_get_data((uv_handle_t *)poll);
  session->data_budget = DATA_BUDGET;
  session->has_received = false;
  call_back(session, session->readable_ref);
}

static void start_polling(struct session *session) {
  if (session->is_polling || session->is_closed) return;
  session->is_polling = uv_poll_start(session->poll, UV_EVENT_READABLE, on_readable) == 0;
}

static void stop_polling(struct session *session) {
  if (session->is_polling) uv_poll_stop(session->poll);
  session->is_polling = false;
}

static void on_woken(uv_async_t *wake) {
  struct session *session = uv_handle_get_data((uv_handle_t *)wake);
  if (session->is_closed) return;
  pthread_mutex_lock(&session->slots_lock);
  const bool may_read = session->is_starved && (session->current_slot >= 0 || session->free_count > 0);
  if (may_read) session->is_starved = false;
  pthread_mutex_unlock(&session->slots_lock);
  if (may_read) start_polling(session);
  call_back(session, session->woken_ref);
}

/* Stops reading until a slot and a place for a job are free: the kernel's queue is the back-pressure. */
static bool make_room(struct session *session) {
  pthread_mutex_lock(&session->slots_lock);
  if (session->current_slot < 0 && session->free_count > 0) {
    session->current_slot = session->free_slots[--session->free_count];
  }
  session->is_starved = true; /* before asking, so that room made meanwhile wakes us */
  const bool has_slot = session->current_slot >= 0;
  pthread_mutex_unlock(&session->slots_lock);
  const bool has_room = has_slot && data_plane_has_room(session->plane);
  if (!has_room) return stop_polling(session), false;
  pthread_mutex_lock(&session->slots_lock);
  session->is_starved = false;
  pthread_mutex_unlock(&session->slots_lock);
  return true;
}

static int receive_ended(struct session *session, int error) {
  session->status[STATUS_ERROR] = error;
  stop_polling(session);
  return RECEIVE_ENDED;
}

/*
 * A client that works alone sends its next request a moment after our reply. To sleep here for that moment costs one
 * system call; to go back to the loop costs four. Others wait for the loop no longer than this, once per budget.
 */
static bool wait_briefly(struct session *session) {
  if (!session->has_received) return false;
  session->has_received = false;
  struct pollfd device = {.fd = session->fd, .events = POLLIN};
  const struct timespec patience = {.tv_nsec = PATIENCE_NS};
  return ppoll(&device, 1, &patience, NULL) > 0;
}

static int receive_one(struct session *session) {
  uint8_t *message = session_slot(session, session->current_slot);
  const ssize_t count = read(session->fd, message, session->slot_size);
  if (count < 0 && (errno == EINTR || errno == ENOENT)) return RECEIVE_YIELD; /* the request was withdrawn */
  if (count < 0 && errno == EAGAIN) return wait_briefly(session) ? RECEIVE_YIELD : RECEIVE_EMPTY;
  if (count > 0) session->has_received = true;
  if (count < 0) return receive_ended(session, errno);
  const int slot = session->current_slot;
  struct request_header header;
  if ((size_t)count < sizeof header) return receive_ended(session, EPROTO);
  memcpy(&header, message, sizeof header);
  if (header.length != (uint32_t)count) return receive_ended(session, EPROTO);
  const enum taken taken = data_plane_take(session->plane, message, (size_t)count, slot);
  if (taken == NOT_OURS) return slot;
  if (taken == TAKEN_SLOT) session->current_slot = -1;
  return RECEIVE_YIELD;
}

static napi_value js_receive(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  int result = session->is_closed ? RECEIVE_ENDED : RECEIVE_YIELD;
  while (result == RECEIVE_YIELD && session->data_budget-- > 0) {
    result = make_room(session) ? receive_one(session) : RECEIVE_STARVED;
  }
  session->status[STATUS_NOTES] = data_plane_note_count(session->plane);
  session->status[STATUS_WRITES] = data_plane_writes(session->plane);
  return js_int(env, result);
}

/* hold(slot): the message just received stays where it is until free(slot). */
static napi_value js_hold(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  if (int_argument(&call, 0) == session->current_slot) session->current_slot = -1;
  return js_undefined(env);
}

static napi_value js_free(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  const int slot = int_argument(&call, 0);
  if (slot >= 0 && slot < session->slot_count && !session->is_closed) session_free_slot(session, slot);
  return js_undefined(env);
}

/* reply(length) sends the arena's first bytes; reply(length, bytes) sends `bytes` after them. 0 or a negative errno. */
static napi_value js_reply(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  struct iovec parts[2] = {{.iov_base = session->arena, .iov_len = (size_t)int_argument(&call, 0)}};
  if (session->is_closed) return js_int(env, -ENODEV);
  if (parts[0].iov_len > session->arena_size) return js_int(env, -EINVAL);
  if (call.count > 1) parts[1].iov_base = bytes_argument(&call, 1, &parts[1].iov_len);
  ssize_t count;
  do {
    count = parts[1].iov_len > 0 ? writev(session->fd, parts, 2)
                                 : write(session->fd, parts[0].iov_base, parts[0].iov_len);
  } while (count < 0 && errno == EINTR);
  return js_int(env, count < 0 ? -errno : 0);
}

static napi_value js_submit(napi_env env, napi_callback_info info) {
  const struct call call = call_of(env, info);
  struct session *session = call.data;
  const int slot = int_argument(&call, 0);
  if (session->is_closed || slot < 0 || slot >= session->slot_count) return js_int(env, -EINVAL);
  uint8_t *message = session_slot(session, slot);
  struct request_header header;
  memcpy(&header, message, sizeof header);
  return js_int(env, data_plane_submit(session->plane, message, header.length, slot));
}

static void closed_handle(uv_handle_t *handle) { free(handle); }

/* pause(): messages wait in the kernel until start(). */
static napi_value js_pause(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  if (!session->is_closed) stop_polling(session);
  return js_undefined(env);
}

void session_shut_down(struct session *session) {
  if (session->is_closed) return;
  stop_polling(session);
  session->is_closed = true;
  data_plane_stop(session->plane);
  notifier_stop(session->notifier);
  uv_close((uv_handle_t *)session->poll, closed_handle);
  uv_close((uv_handle_t *)session->wake, closed_handle);
  close(session->fd);
}

/* start(): begins to receive. */
static napi_value js_start(napi_env env, napi_callback_info info) {
  start_polling(call_of(env, info).data);
  return js_undefined(env);
}

int session_start_events(struct session *session, uv_loop_t *loop) {
  session->poll = calloc(1, uv_handle_size(UV_HANDLE_POLL));
  session->wake = calloc(1, uv_handle_size(UV_HANDLE_ASYNC));
  if (session->poll == NULL || session->wake == NULL) return free(session->poll), free(session->wake), ENOMEM;
  int error = uv_poll_init(loop, session->poll, session->fd);
  if (error != 0) return free(session->poll), free(session->wake), -error;
  error = uv_async_init(loop, session->wake, on_woken);
  if (error != 0) return uv_close((uv_handle_t *)session->poll, closed_handle), free(session->wake), -error;
  uv_handle_set_data((uv_handle_t *)session->poll, session);
  uv_handle_set_data((uv_handle_t *)session->wake, session);
  return 0;
}

void define_device_functions(napi_env env, napi_value object, struct session *session) {
  define_function(env, object, "start", js_start, session);
  define_function(env, object, "pause", js_pause, session);
  define_function(env, object, "receive", js_receive, session);
  define_function(env, object, "hold", js_hold, session);
  define_function(env, object, "free", js_free, session);
  define_function(env, object, "reply", js_reply, session);
  define_function(env, object, "submit", js_submit, session);
}
