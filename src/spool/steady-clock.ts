import type { Clock } from '../base/index.js';

/** A clock whose wall time runs on from now with the monotonic one, whatever somebody sets the machine's to. */
export function steadyClock(clock: Clock): Clock {
  const offsetMs = clock.now() - clock.monotonic();
  return {
    now: () => offsetMs + clock.monotonic(),
    monotonic: () => clock.monotonic(),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    after: (delayMs, callback) => clock.after(delayMs, callback),
  };
}
