/** `_api/site/usage` (protocol notes 3.6): no total, but the share that is used. */
import type { RestCall } from './rest-call.js';
import { complexAnswer } from './shapes.js';

export function siteUsage(call: RestCall): Promise<void> {
  const used = call.site.store.usedBytes;
  return call.reply(
    complexAnswer(call.shape, 'Usage', {
      Bandwidth: '0',
      DiscussionStorage: '0',
      Hits: '0',
      Storage: call.world.switches.numbersAsStrings ? String(used) : used,
      StoragePercentageUsed: used / call.world.switches.quotaBytes,
      Visits: '0',
    }),
  );
}
