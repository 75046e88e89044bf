import type { MemoryDrive } from './memory-drive.js';
import type { RandomOperations } from './random-operations.js';

/** Nothing of the server is seen at once. What was set to happen before and after a call still does. */
export function makeSlow(drive: MemoryDrive, random: RandomOperations): void {
  const { beforeCall, afterCall } = drive;
  const pause = () => new Promise((resolve) => setTimeout(resolve, random.pick([0, 1, 3, 8])));
  drive.beforeCall = async (call) => {
    await pause();
    return beforeCall(call);
  };
  drive.afterCall = async (call) => {
    await pause();
    return afterCall(call);
  };
}
