/**
 * Loaded into a daemon before its own program (`--import`): at SIGUSR2 it writes how late the event loop has been since
 * the last time, and the CPU time used by then, into the file that `ODBFS_STALLS` names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.ODBFS_STALLS;
if (file !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ longestMs: delay.max / 1e6, cpuMs: (user + system) / 1e3 }),
    );
    renameSync(`${file}.new`, file);
    delay.reset();
  });
}
