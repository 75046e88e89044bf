/* See notifier.h. */
#define _GNU_SOURCE
#include "notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

struct message {
  struct message *next;
  size_t length;
  uint8_t bytes[];
};

struct notifier {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  struct session *session;
  int fd; /* our own duplicate, so that a stuck thread outlives the session safely */
  struct message *first, *last;
  int32_t done;
  struct timespec busy_since;
  bool is_started, is_busy, is_stopping, is_abandoned;
};

static void free_notifier(struct notifier *notifier) {
  for (struct message *message = notifier->first; message != NULL;) {
    struct message *next = message->next;
    free(message);
    message = next;
  }
  close(notifier->fd);
  pthread_cond_destroy(&notifier->changed);
  pthread_mutex_destroy(&notifier->lock);
  free(notifier);
}

/* Called with the lock held. */
static struct message *take_message(struct notifier *notifier) {
  while (notifier->first == NULL && !notifier->is_stopping) pthread_cond_wait(&notifier->changed, &notifier->lock);
  if (notifier->is_stopping) return NULL;
  struct message *message = notifier->first;
  notifier->first = message->next;
  if (notifier->first == NULL) notifier->last = NULL;
  return message;
}

static void *run_notifier(void *data) {
  struct notifier *notifier = data;
  pthread_mutex_lock(&notifier->lock);
  for (struct message *message; (message = take_message(notifier)) != NULL;) {
    notifier->is_busy = true;
    clock_gettime(CLOCK_MONOTONIC, &notifier->busy_since);
    pthread_mutex_unlock(&notifier->lock);
    /* ENOENT says that the kernel does not know the name or node: as good as forgotten. Others end the session. */
    while (write(notifier->fd, message->bytes, message->length) < 0 && errno == EINTR) continue;
    free(message);
    pthread_mutex_lock(&notifier->lock);
    notifier->is_busy = false;
    notifier->done++;
    if (!notifier->is_stopping) session_wake(notifier->session);
  }
  const bool is_abandoned = notifier->is_abandoned;
  pthread_mutex_unlock(&notifier->lock);
  if (is_abandoned) free_notifier(notifier);
  return NULL;
}

struct notifier *notifier_create(struct session *session, int fd) {
  struct notifier *notifier = calloc(1, sizeof *notifier);
  if (notifier == NULL) return NULL;
  notifier->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (notifier->fd < 0) return free(notifier), NULL;
  notifier->session = session;
  pthread_mutex_init(&notifier->lock, NULL);
  pthread_cond_init(&notifier->changed, NULL);
  return notifier;
}

int notifier_send(struct notifier *notifier, const uint8_t *bytes, size_t length) {
  struct message *message = malloc(sizeof *message + length);
  if (message == NULL) return -ENOMEM;
  *message = (struct message){.length = length};
  memcpy(message->bytes, bytes, length);
  pthread_mutex_lock(&notifier->lock);
  if (!notifier->is_started) {
    const int error = pthread_create(&notifier->thread, NULL, run_notifier, notifier);
    if (error != 0) return pthread_mutex_unlock(&notifier->lock), free(message), -error;
    notifier->is_started = true;
  }
  if (notifier->last == NULL) notifier->first = message;
  else notifier->last->next = message;
  notifier->last = message;
  pthread_cond_signal(&notifier->changed);
  pthread_mutex_unlock(&notifier->lock);
  return 0;
}

int32_t notifier_done(struct notifier *notifier) {
  pthread_mutex_lock(&notifier->lock);
  const int32_t done = notifier->done;
  notifier->done = 0;
  pthread_mutex_unlock(&notifier->lock);
  return done;
}

int64_t notifier_busy_ms(struct notifier *notifier) {
  int64_t busy_ms = 0;
  pthread_mutex_lock(&notifier->lock);
  if (notifier->is_busy) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    busy_ms = (int64_t)(now.tv_sec - notifier->busy_since.tv_sec) * 1000 +
              (now.tv_nsec - notifier->busy_since.tv_nsec) / 1000000 + 1;
  }
  pthread_mutex_unlock(&notifier->lock);
  return busy_ms;
}

void notifier_stop(struct notifier *notifier) {
  pthread_mutex_lock(&notifier->lock);
  notifier->is_stopping = true;
  notifier->is_abandoned = notifier->is_busy;
  const bool is_started = notifier->is_started;
  const bool is_abandoned = notifier->is_abandoned;
  const pthread_t thread = notifier->thread;
  pthread_cond_signal(&notifier->changed);
  pthread_mutex_unlock(&notifier->lock);
  /* An abandoned notifier may be gone already: only the copies above may be used. */
  if (is_abandoned) {
    pthread_detach(thread);
    return;
  }
  if (is_started) pthread_join(thread, NULL);
  free_notifier(notifier);
}
