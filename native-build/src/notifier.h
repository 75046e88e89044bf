/*
 * Sends notifications to the kernel from a thread of its own. They take locks that a request under way may hold, so
 * the thread that answers requests must never wait for one.
 */
#ifndef ODBFS_NOTIFIER_H
#define ODBFS_NOTIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;
struct notifier;

struct notifier *notifier_create(struct session *session, int fd);
/* Copies the message and queues it; 0 or a negative errno. */
int notifier_send(struct notifier *notifier, const uint8_t *message, size_t length);
/* How many were sent or refused since the last call. */
int32_t notifier_done(struct notifier *notifier);
/* How long the kernel has been busy with the present one, milliseconds; 0 when idle. */
int64_t notifier_busy_ms(struct notifier *notifier);
/* Ends the thread; one that the kernel does not let go ends, and frees itself, when it does. */
void notifier_stop(struct notifier *notifier);

#endif
