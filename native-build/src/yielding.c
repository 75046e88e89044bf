/* See yielding.h. */
#define _GNU_SOURCE
#include <sched.h>

#include "event_loop.h"
#include "yielding.h"

/* Longer than any client needs between two requests of which one follows from the other. */
enum { DEAR_NS = 300000 };
/* What one dear yield costs is a time slice, a few milliseconds: so much of this time is nothing. */
enum { OFF_AFTER_DEAR_NS = 500000000 };
/* In vain it costs less than a microsecond: clients are at work on other CPUs, or there is none. */
enum { MOST_IN_VAIN = 4, OFF_AFTER_VAIN_NS = 2000000 };

bool yield_to_client(struct yielding *yielding) {
  const uint64_t now = uv_hrtime();
  if (now < yielding->off_until_ns) return false;
  yielding->began_ns = now;
  sched_yield();
  return true;
}

void yielded(struct yielding *yielding, bool paid) {
  const uint64_t now = uv_hrtime();
  yielding->in_vain = paid ? 0 : yielding->in_vain + 1;
  if (now - yielding->began_ns > DEAR_NS) {
    yielding->off_until_ns = now + OFF_AFTER_DEAR_NS;
  } else if (yielding->in_vain >= MOST_IN_VAIN) {
    yielding->off_until_ns = now + OFF_AFTER_VAIN_NS;
    yielding->in_vain = 0;
  }
}
