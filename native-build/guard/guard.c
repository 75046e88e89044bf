/*
 * Ends the connection to the kernel for a daemon that was killed while the kernel kept one of its threads waiting for an
 * answer of the daemon itself. Nobody gives that any more, so the thread cannot end, and with it the process cannot: it
 * keeps its descriptors, so that no pipe tells of its death, and everybody in the mount waits for ever. What tells of it
 * is that the thread which started us is no more.
 *
 * Standard output is the connection's `abort` in fusectl, opened before: when the connection is gone, writing to it does
 * nothing, also when another has its number by then. Standard input ends when we are not needed any more.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

static volatile sig_atomic_t is_dead;

static void on_death(int signal) {
  (void)signal;
  is_dead = 1;
}

/* What a terminal or a service manager sends to all of its processes is meant for the daemon, which ends us. */
static void ignore_signals_to_all(void) {
  const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  for (size_t index = 0; index < sizeof ignored / sizeof ignored[0]; index++) signal(ignored[index], SIG_IGN);
}

int main(void) {
  sigset_t blocked, before;
  const struct sigaction action = {.sa_handler = on_death};
  ignore_signals_to_all();
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  if (sigprocmask(SIG_BLOCK, &blocked, &before) < 0) return 1;
  sigdelset(&before, SIGRTMIN);
  if (sigaction(SIGRTMIN, &action, NULL) < 0 || prctl(PR_SET_PDEATHSIG, SIGRTMIN, 0, 0, 0) < 0) return 1;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  while (!is_dead) {
    if (ppoll(&input, 1, NULL, &before) > 0) return 0;
  }
  return write(STDOUT_FILENO, "1", 1) == 1 ? 0 : 1;
}
