/*
 * Giving the CPU to a client on the same one, for as long as that is cheaper than to sleep until its next request. What a
 * client does between two requests takes microseconds; a neighbour that works without a pause keeps the CPU for
 * milliseconds, and who yields to it has lost more than all that was saved.
 */
#ifndef ODBFS_YIELDING_H
#define ODBFS_YIELDING_H

#include <stdbool.h>
#include <stdint.h>

struct yielding {
  uint64_t off_until_ns;
  uint64_t began_ns;
  int in_vain; /* in a row */
};

/* Lets others run, if that has paid lately. False: it was not tried. */
bool yield_to_client(struct yielding *yielding);
/* Whether the client's next request was there afterwards. */
void yielded(struct yielding *yielding, bool paid);

#endif
