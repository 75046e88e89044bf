/*
 * READ and WRITE on handles that are bound to a descriptor, answered without JavaScript: from the page cache at once,
 * else by worker threads. What was written is noted before it is answered, so that JavaScript learns of it before it
 * sees any later request.
 */
#ifndef ODBFS_DATA_PLANE_H
#define ODBFS_DATA_PLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;
struct data_plane;

struct note {
  uint64_t handle;
  uint64_t offset;
  uint64_t length;
};

enum { MOST_BINDINGS = 65536, MOST_NOTES = 1024 };

enum taken {
  NOT_OURS,    /* JavaScript handles the message */
  TAKEN,       /* done or copied: the slot may be used again */
  TAKEN_SLOT,  /* a worker keeps the slot and frees it */
};

struct data_plane *data_plane_create(struct session *session, int fd, size_t message_size, int worker_count);
/* Waits for jobs under way, ends the workers. */
void data_plane_stop(struct data_plane *plane);
void data_plane_free(struct data_plane *plane);

/* Whether there is certainly room for a further request. */
bool data_plane_is_calm(struct data_plane *plane);
/* Whether a further request can be taken. When not, the session is told once there is room. */
bool data_plane_has_room(struct data_plane *plane);
enum taken data_plane_take(struct data_plane *plane, uint8_t *message, size_t length, int slot);
/* A held WRITE, sent on by JavaScript after it has dealt with set-uid bits; 0 or a negative errno. */
int data_plane_submit(struct data_plane *plane, uint8_t *message, size_t length, int slot);

int data_plane_bind(struct data_plane *plane, uint64_t handle, int fd);
/* 0: nothing uses the descriptor any more. Else a token that data_plane_drained() gives back when that is so. */
uint32_t data_plane_unbind(struct data_plane *plane, uint64_t handle);
size_t data_plane_drained(struct data_plane *plane, uint32_t *tokens, size_t most);

/* Set-uid bits may be there again: the next write that asks for them to be cleared goes to JavaScript. */
void data_plane_privileges_changed(struct data_plane *plane);

int32_t data_plane_note_count(struct data_plane *plane);
int32_t data_plane_writes(struct data_plane *plane);
size_t data_plane_notes(struct data_plane *plane, struct note *notes, size_t most);

#endif
