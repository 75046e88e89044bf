/**
 * Keeps the memory of this process, and of those that it starts, out of core dumps: from the moment that secrets are
 * read they are in memory. The kernel offers this by a file (core(5)); where it does not, a crash dumps as always.
 */
import { writeFileSync } from 'node:fs';

/** No kind of memory mapping is written. */
const NOTHING = '0';

export function keepMemoryOutOfCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', NOTHING);
  } catch {
    // No such kernel or no such right; LimitCORE=0 of the service unit stands.
  }
}
