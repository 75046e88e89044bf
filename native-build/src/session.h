/*
 * One mounted connection to the kernel: the device, the slots that messages are received into, the data plane and the
 * notifier. All functions run on the JavaScript thread unless they say otherwise.
 */
#ifndef ODBFS_SESSION_H
#define ODBFS_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "data_plane.h"
#include "event_loop.h"
#include "kept_attributes.h"
#include "napi_support.h"
#include "notifier.h"
#include "yielding.h"

enum { MOST_SLOTS = 64 };
/* What one wake-up may do before others get their turn on the loop. */
enum { MESSAGES_PER_TURN = 64, TURN_NS = 3000000 };
/* How long a turn may wait for a message that follows the one just answered. */
enum { PATIENCE_MS = 4 };
/* About what it costs to fall asleep and to be woken on a virtual machine, for the client and for us. */
enum { AWAKE_NS = 120000 };
/* What onMessages() is called with, and next() gives, instead of a slot. */
enum { MESSAGES_ENDED = -1, NO_MESSAGE = -2 };
/* What onWoken() is called with. */
enum { WOKEN_BY_PROGRESS = 0, WOKEN_BY_WRITES = 1 };
/* Words shared with JavaScript, which reads them without a call. */
enum { STATUS_NOTES = 0, STATUS_WRITES = 1, STATUS_ERROR = 2, STATUS_WORDS = 4 };

struct turn {
  int messages_left, count;
  uint64_t ends_ns;
  bool is_drained; /* it found no more messages, after some */
};

struct session {
  napi_env env;
  napi_async_context context;
  napi_ref pool_ref, arena_ref, status_ref, message_ref, woken_ref, owner_ref;
  int fd;
  uv_loop_t *loop;
  uv_poll_t *poll;
  uv_async_t *wake;
  bool is_polling, is_closed;
  uint8_t *pool;
  size_t slot_size;
  int slot_count;
  uint8_t *arena;
  size_t arena_size;
  int32_t *status;
  int current_slot; /* the next message is received here; -1: take one */
  int open_calls;          /* of JavaScript, which may close the session meanwhile */
  struct turn turn;
  struct yielding yielding, staying_awake;
  bool has_told_of_writes; /* onWoken() was called since the last notes() */
  pthread_mutex_t slots_lock;
  int free_slots[MOST_SLOTS];
  int free_count;
  bool is_starved; /* reading has stopped until a slot or a job comes back */
  struct kept_attributes kept_attributes;
  struct data_plane *plane;
  struct notifier *notifier;
};

uint8_t *session_slot(struct session *session, int slot);
/* Any thread: gives a slot back. */
void session_free_slot(struct session *session, int slot);
/* Any thread: makes the loop look at slots, notes, drained bindings and sent notifications. */
void session_wake(struct session *session);
/* Any thread: resumes reading if it had stopped for want of room. */
void session_has_room(struct session *session);

/* attach(device, pool, slotSize, arena, status, workers, onMessages, onWoken): see src/fuse/addon.ts. */
napi_value attach_session(napi_env env, napi_callback_info info);

/* After the end, once JavaScript has returned: what was kept for it may be collected. */
void session_let_go(struct session *session);

/* device.c */
void session_start_polling(struct session *session);
void session_stop_polling(struct session *session);
/* Whether the current slot is there and a job could be taken; else reading stops until that is so. */
bool session_make_room(struct session *session);
void session_shut_down(struct session *session);
void define_device_functions(napi_env env, napi_value object, struct session *session);

/* turn.c */
int session_start_events(struct session *session); /* 0 or an errno */
void session_stop_events(struct session *session);
void session_take_turn(uv_poll_t *poll, int status, int events);
/* The slot of a message for JavaScript, MESSAGES_ENDED, or NO_MESSAGE in this turn. */
int session_next_message(struct session *session);

#endif
