/* See yielding.h. */
#define _GNU_SOURCE
#include <sched.h>

#include "event_loop.h"
#include "yielding.h"

/* Longer than a client needs between two requests of which one follows from the other: a listing of hundreds takes it half of that. */
enum { DEAR_NS = 1000000 };
/* What one dear yield costs is a time slice, up to three milliseconds: a thirtieth of this time. */
enum { OFF_AFTER_DEAR_NS = 100000000 };
/* Clients that think for longer, or do not come back: each next time it is left alone for twice as long. */
enum { MOST_IN_VAIN = 4, OFF_AFTER_VAIN_NS = 2000000, LONGEST_OFF_NS = 32000000 };

bool yielding_begin(struct yielding *yielding) {
  yielding->began_ns = uv_hrtime();
  return yielding->began_ns >= yielding->off_until_ns;
}

bool yield_within(const struct yielding *yielding, uint64_t patience_ns) {
  if (uv_hrtime() - yielding->began_ns >= patience_ns) return false;
  sched_yield();
  return true;
}

static void leave_alone(struct yielding *yielding, uint64_t now) {
  if (yielding->off_ns < LONGEST_OFF_NS) yielding->off_ns = yielding->off_ns == 0 ? OFF_AFTER_VAIN_NS : 2 * yielding->off_ns;
  yielding->off_until_ns = now + yielding->off_ns;
  yielding->in_vain = 0;
}

void yielding_end(struct yielding *yielding, bool paid) {
  const uint64_t now = uv_hrtime();
  yielding->in_vain = paid ? 0 : yielding->in_vain + 1;
  if (paid) yielding->off_ns = 0;
  if (now - yielding->began_ns > DEAR_NS) yielding->off_until_ns = now + OFF_AFTER_DEAR_NS;
  else if (yielding->in_vain >= MOST_IN_VAIN) leave_alone(yielding, now);
}
