/*
 * A turn of the session on the loop: receives messages while there are any, answers those of the data plane and those about
 * attributes that are never kept, and hands the first of the others to JavaScript, which asks for those behind it itself: the way from C into JavaScript costs several
 * times the way back. See session.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel_abi.h"
#include "session.h"

static void call(struct session *session, napi_ref callback_ref, int argument) {
  napi_env env = session->env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value owner, callback, number;
  napi_get_reference_value(env, session->owner_ref, &owner);
  napi_get_reference_value(env, callback_ref, &callback);
  napi_create_int32(env, argument, &number);
  if (napi_call_function(env, owner, callback, 1, &number, NULL) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

/* Calls between the two are one turn of JavaScript, whose microtasks run at its end. */
static napi_callback_scope begin_calls(struct session *session, napi_handle_scope *handles) {
  napi_callback_scope calls = NULL;
  napi_value owner;
  napi_open_handle_scope(session->env, handles);
  napi_get_reference_value(session->env, session->owner_ref, &owner);
  napi_open_callback_scope(session->env, owner, session->context, &calls);
  session->open_calls++;
  return calls;
}

static void end_calls(struct session *session, napi_callback_scope calls, napi_handle_scope handles) {
  napi_close_callback_scope(session->env, calls); /* microtasks run here */
  napi_close_handle_scope(session->env, handles);
  session->open_calls--;
  if (session->is_closed && session->open_calls == 0) session_let_go(session);
}

static void call_woken(struct session *session, int reason) {
  napi_handle_scope handles;
  const napi_callback_scope calls = begin_calls(session, &handles);
  call(session, session->woken_ref, reason);
  end_calls(session, calls, handles);
}

enum received { RECEIVED, EMPTY, SERVED, ENDED };

static enum received receive_ended(struct session *session, int error) {
  session->status[STATUS_ERROR] = error;
  session_stop_polling(session);
  return ENDED;
}

/* RECEIVED: a message for JavaScript is in the current slot. SERVED: there may be more. */
static enum received receive_one(struct session *session) {
  uint8_t *message = session_slot(session, session->current_slot);
  const ssize_t count = read(session->fd, message, session->slot_size);
  if (count < 0 && errno == EAGAIN) return EMPTY;
  if (count < 0 && (errno == EINTR || errno == ENOENT)) return SERVED; /* the request was withdrawn */
  if (count < 0) return receive_ended(session, errno);
  struct request_header header;
  if ((size_t)count < sizeof header) return receive_ended(session, EPROTO);
  memcpy(&header, message, sizeof header);
  if (header.length != (uint32_t)count) return receive_ended(session, EPROTO);
  if (answer_for_unkept(&session->kept_attributes, session->fd, message, (size_t)count)) return SERVED;
  const enum taken taken = data_plane_take(session->plane, message, (size_t)count, session->current_slot);
  if (taken == TAKEN_SLOT) session->current_slot = -1;
  return taken == NOT_OURS ? RECEIVED : SERVED;
}

/* The same, and what a client sends next whom our last reply let go on, if it gets the CPU from us. */
static enum received receive_next(struct session *session) {
  const enum received received = receive_one(session);
  if (received != EMPTY || session->turn.count == 0 || !yielding_begin(&session->yielding)) return received;
  sched_yield();
  const enum received after = receive_one(session);
  yielding_end(&session->yielding, after != EMPTY);
  return after;
}

int session_next_message(struct session *session) {
  struct turn *turn = &session->turn;
  turn->is_drained = false;
  while (session->is_polling && turn->messages_left > 0 && session_make_room(session)) {
    const enum received received = receive_next(session);
    turn->is_drained = received == EMPTY && turn->count > 0;
    if (received == EMPTY) return NO_MESSAGE;
    turn->count++;
    turn->messages_left--;
    if (uv_hrtime() >= turn->ends_ns) turn->messages_left = 0;
    if (received == SERVED) continue;
    session->status[STATUS_NOTES] = data_plane_note_count(session->plane);
    return received == ENDED ? MESSAGES_ENDED : session->current_slot;
  }
  return NO_MESSAGE;
}

/* True when there are no more messages for now, and may soon be; false when the turn is over. */
static bool serve_messages(struct session *session) {
  session->turn.count = 0;
  const int first = session_next_message(session);
  if (first != NO_MESSAGE) {
    napi_handle_scope handles;
    const napi_callback_scope calls = begin_calls(session, &handles);
    call(session, session->message_ref, first); /* takes the others itself, by next() */
    end_calls(session, calls, handles);
  }
  return session->turn.is_drained && session->is_polling;
}

/*
 * A client on another CPU sends its next request a moment after our reply. Two CPUs that sleep in turn must each be woken
 * by the other, for every request, which takes longer than what either has to do.
 */
static int stay_awake(struct session *session, struct pollfd *waited, nfds_t count) {
  struct yielding *staying = &session->staying_awake;
  if (!yielding_begin(staying)) return 0;
  int ready = 0;
  while (ready == 0 && yield_within(staying, AWAKE_NS)) ready = poll(waited, count, 0);
  yielding_end(staying, ready > 0);
  return ready;
}

/*
 * To sleep here until the next request costs one system call; to go back to the loop costs four. Whatever else the loop
 * waits for ends the wait as well, and the loop's own timers bound it.
 */
static bool wait_for_more(struct session *session) {
  uv_update_time(session->loop);
  int timeout = uv_backend_timeout(session->loop);
  if (timeout == 0) return false;
  if (timeout < 0 || timeout > PATIENCE_MS) timeout = PATIENCE_MS;
  struct pollfd waited[] = {{.fd = session->fd, .events = POLLIN},
                            {.fd = uv_backend_fd(session->loop), .events = POLLIN}};
  const bool is_ready = stay_awake(session, waited, 2) > 0 || poll(waited, 2, timeout) > 0;
  return is_ready && waited[0].revents != 0;
}

void session_take_turn(uv_poll_t *poll_handle, int status, int events) {
  (void)status; /* an error shows in reading */
  (void)events;
  struct session *session = uv_handle_get_data((uv_handle_t *)poll_handle);
  struct turn *turn = &session->turn;
  *turn = (struct turn){.messages_left = MESSAGES_PER_TURN, .ends_ns = uv_hrtime() + TURN_NS};
  while (serve_messages(session) && turn->messages_left > 0 && uv_hrtime() < turn->ends_ns) {
    if (!wait_for_more(session)) break;
  }
  turn->messages_left = 0; /* none are taken but in a turn */
  if (session->is_closed || session->has_told_of_writes || data_plane_writes(session->plane) == 0) return;
  session->has_told_of_writes = true;
  session->status[STATUS_WRITES] = data_plane_writes(session->plane);
  call_woken(session, WOKEN_BY_WRITES);
}

static void on_woken(uv_async_t *wake) {
  struct session *session = uv_handle_get_data((uv_handle_t *)wake);
  if (session->is_closed) return;
  pthread_mutex_lock(&session->slots_lock);
  const bool may_read = session->is_starved && (session->current_slot >= 0 || session->free_count > 0);
  if (may_read) session->is_starved = false;
  pthread_mutex_unlock(&session->slots_lock);
  if (may_read) session_start_polling(session);
  call_woken(session, WOKEN_BY_PROGRESS);
}

static void closed_handle(uv_handle_t *handle) { free(handle); }

void session_stop_events(struct session *session) {
  uv_close((uv_handle_t *)session->poll, closed_handle);
  uv_close((uv_handle_t *)session->wake, closed_handle);
}

int session_start_events(struct session *session) {
  session->poll = calloc(1, uv_handle_size(UV_HANDLE_POLL));
  session->wake = calloc(1, uv_handle_size(UV_HANDLE_ASYNC));
  if (session->poll == NULL || session->wake == NULL) return free(session->poll), free(session->wake), ENOMEM;
  int error = uv_poll_init(session->loop, session->poll, session->fd);
  if (error != 0) return free(session->poll), free(session->wake), -error;
  error = uv_async_init(session->loop, session->wake, on_woken);
  if (error != 0) return uv_close((uv_handle_t *)session->poll, closed_handle), free(session->wake), -error;
  uv_handle_set_data((uv_handle_t *)session->poll, session);
  uv_handle_set_data((uv_handle_t *)session->wake, session);
  return 0;
}
