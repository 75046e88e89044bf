/*
 * Giving the CPU to a client, or staying awake for it, for as long as that is cheaper than to sleep until its next request.
 * What a client does between two requests takes microseconds; a neighbour that works without a pause keeps the CPU for
 * milliseconds, and who yields to it has lost more than all that was saved.
 */
#ifndef ODBFS_YIELDING_H
#define ODBFS_YIELDING_H

#include <stdbool.h>
#include <stdint.h>

/* What one way to wait has brought lately. All zero at first. */
struct yielding {
  uint64_t off_until_ns;
  uint64_t off_ns; /* how long the next time is that it is left alone for having been in vain */
  uint64_t began_ns;
  int in_vain; /* in a row */
};

/* Whether it has paid lately; if so, it begins now. */
bool yielding_begin(struct yielding *yielding);
/* Lets others run. False: patience_ns have passed since the beginning, and it was not done. */
bool yield_within(const struct yielding *yielding, uint64_t patience_ns);
/* Whether a client's next request was there at the end. */
void yielding_end(struct yielding *yielding, bool paid);

#endif
