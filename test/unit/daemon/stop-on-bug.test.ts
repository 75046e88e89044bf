/** After a bug the daemon stops, and the process ends even where what the bug cut short never does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../../src/base/index.js';
import { stopOnBug } from '../../../src/daemon/stop-on-bug.js';
import { FakeClock } from '../../support/fake-clock.js';

function crashing(stop: () => Promise<unknown>) {
  const clock = new FakeClock();
  const seen = { stops: 0, exits: [] as number[], lines: [] as string[] };
  const daemon = {
    hurry: () => {},
    stop: () => {
      seen.stops += 1;
      return stop();
    },
  };
  const log = createLog('error', { write: (line) => seen.lines.push(line) });
  const bug = stopOnBug({ daemon, log, clock, exit: (code) => seen.exits.push(code) });
  return { clock, seen, bug };
}

const afterwards = (work: () => void) => {
  const before = process.exitCode;
  work();
  process.exitCode = before;
};

test('a stop that never ends is not waited for', () => {
  afterwards(() => {
    const { clock, seen, bug } = crashing(() => new Promise(() => {}));
    bug(new Error('one'));
    clock.advance(29_000);
    assert.deepEqual([seen.stops, seen.exits], [1, []]);
    clock.advance(1_000);
    assert.deepEqual(seen.exits, [1]);
  });
});

test('each bug is in the log; the first one stops', () => {
  afterwards(() => {
    const { clock, seen, bug } = crashing(() => Promise.reject(new Error('the stop failed')));
    bug(new Error('one'));
    bug(new Error('two'));
    clock.advance(60_000);
    assert.deepEqual([seen.stops, seen.exits, seen.lines.length], [1, [1], 2]);
  });
});
