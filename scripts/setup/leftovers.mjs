/** What tests may not leave behind: FUSE mounts and processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Mount points of our kind, as the kernel lists them now (nothing here touches the mounts themselves). */
export function fuseMounts() {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => /^\S+ \S+ fuse(\.odbfs)? /.test(line))
    .map((line) => line.split(' ')[1]);
}

/** One line for each mount that was not there before, and each process that still carries the run's mark. */
export function findLeftovers(runId, mountsBefore) {
  const mounts = fuseMounts().filter((place) => !mountsBefore.includes(place));
  return [...mounts.map((place) => `mount ${place}`), ...markedProcesses(runId)];
}

function markedProcesses(runId) {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`ODBFS_TEST_RUN=${runId}`)) return [];
      return [`process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`];
    } catch {
      return [];
    }
  });
}
