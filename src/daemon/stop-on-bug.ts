/**
 * What happens after an error that nobody foresaw: everything stops as on command, and what is owed is kept. What the error
 * cut short may never end, and a process that waits for it would hold the account for ever: it ends without it.
 */
import type { Clock, Log } from '../base/index.js';

const LONGEST_STOP_MS = 30_000;

export interface StopOnBug {
  readonly daemon: {
    hurry(): void;
    stop(options: { readonly timeoutMs: number }): Promise<unknown>;
  };
  readonly log: Log;
  readonly clock: Clock;
  readonly exit: (code: number) => void;
}

/** For `uncaughtException` and `unhandledRejection`. */
export function stopOnBug({ daemon, log, clock, exit }: StopOnBug): (error: unknown) => void {
  let isStopping = false;
  return (error) => {
    log.fatal({ error }, 'a bug: stopping, what is owed is kept');
    if (isStopping) return;
    isStopping = true;
    process.exitCode = 1;
    clock.after(LONGEST_STOP_MS, () => exit(1));
    daemon.hurry();
    void daemon.stop({ timeoutMs: 0 }).catch(() => undefined);
  };
}
