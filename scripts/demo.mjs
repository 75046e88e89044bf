/**
 * `npm run demo`: set-up, then `odbfs demo`, in this process so that Ctrl-C and SIGTERM reach it however npm was
 * started and stopped.
 */
import { join } from 'node:path';
import { ROOT } from './setup/shell.mjs';
import { orExit, setUp } from './setup.mjs';

const PARENT_CHECK_MS = 1000;

await orExit(() => setUp({ tests: false }));
stopWithParent();
process.argv.splice(2, 0, 'demo');
await import(join(ROOT, 'dist', 'src', 'main.js'));

/** npm that is killed takes nobody along; a demo must not outlive it, with its mount. */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}
