/*
 * The device of a session: the slots that messages are received into, and the replies that JavaScript sends from the
 * arena. See session.h; receiving itself is in turn.c.
 */
#define _GNU_SOURCE
#include <errno.h>
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

void session_start_polling(struct session *session) {
  if (session->is_polling || session->is_closed) return;
  session->is_polling = uv_poll_start(session->poll, UV_EVENT_READABLE, session_take_turn) == 0;
}

void session_stop_polling(struct session *session) {
  if (session->is_polling) uv_poll_stop(session->poll);
  session->is_polling = false;
}

/* Stops reading until a slot and a place for a job are free: the kernel's queue is the back-pressure. */
bool session_make_room(struct session *session) {
  if (session->current_slot >= 0 && data_plane_is_calm(session->plane)) return true;
  pthread_mutex_lock(&session->slots_lock);
  if (session->current_slot < 0 && session->free_count > 0) {
    session->current_slot = session->free_slots[--session->free_count];
  }
  session->is_starved = true; /* before asking, so that room made meanwhile wakes us */
  const bool has_slot = session->current_slot >= 0;
  pthread_mutex_unlock(&session->slots_lock);
  const bool has_room = has_slot && data_plane_has_room(session->plane);
  if (!has_room) return session_stop_polling(session), false;
  pthread_mutex_lock(&session->slots_lock);
  session->is_starved = false;
  pthread_mutex_unlock(&session->slots_lock);
  return true;
}

/* next(): the slot of the message behind the one just handled; NO_MESSAGE: the turn is over. */
static napi_value js_next(napi_env env, napi_callback_info info) {
  return js_int(env, session_next_message(call_of(env, info).data));
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

/* pause(): messages wait in the kernel until start(). */
static napi_value js_pause(napi_env env, napi_callback_info info) {
  struct session *session = call_of(env, info).data;
  if (!session->is_closed) session_stop_polling(session);
  return js_undefined(env);
}

void session_shut_down(struct session *session) {
  if (session->is_closed) return;
  session_stop_polling(session);
  session->is_closed = true;
  data_plane_stop(session->plane);
  notifier_stop(session->notifier);
  session_stop_events(session);
  close(session->fd);
}

/* start(): begins to receive. */
static napi_value js_start(napi_env env, napi_callback_info info) {
  session_start_polling(call_of(env, info).data);
  return js_undefined(env);
}

void define_device_functions(napi_env env, napi_value object, struct session *session) {
  define_function(env, object, "start", js_start, session);
  define_function(env, object, "pause", js_pause, session);
  define_function(env, object, "next", js_next, session);
  define_function(env, object, "hold", js_hold, session);
  define_function(env, object, "free", js_free, session);
  define_function(env, object, "reply", js_reply, session);
  define_function(env, object, "submit", js_submit, session);
}
