/**
 * Loaded into a process by `--import`: adds a line to the file that `ODBFS_LOOP_SAMPLES` names, with the process id in
 * place of `%p`, ten times a second: the time, and how late the event loop was at most since the last line, ms.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const EVERY_MS = 100;
const file = process.env.ODBFS_LOOP_SAMPLES?.replace('%p', String(process.pid));

function watch(path: string): void {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  setInterval(() => {
    appendFileSync(path, `${Date.now()} ${(delay.max / 1e6).toFixed(1)}\n`);
    delay.reset();
  }, EVERY_MS).unref();
}

if (file !== undefined) watch(file);
