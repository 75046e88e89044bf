import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { PollSchedule } from '../../../src/cache/poll-schedule.js';
import { FakeClock } from '../../support/fake-clock.js';

const NEVER = new AbortController().signal;

describe('the schedule of polls', () => {
  let clock: FakeClock;
  let schedule: PollSchedule;

  beforeEach(() => {
    clock = new FakeClock();
    schedule = new PollSchedule(clock, { pollMs: 15_000, longestPollMs: 120_000, idleAfterMs: 60_000 });
  });

  /** How long the next wait is. */
  const waitMs = async (): Promise<number> => {
    const before = clock.monotonic();
    let isOver = false;
    const waiting = schedule.wait(NEVER).then(() => {
      isOver = true;
    });
    for (let step = 0; step < 1_000 && !isOver; step += 1) await clock.run(1_000);
    await waiting;
    return clock.monotonic() - before;
  };

  it('polls every 15 s while in use and backs off to 2 min', async () => {
    const waits: number[] = [];
    for (let poll = 0; poll < 8; poll += 1) {
      schedule.succeeded();
      waits.push(await waitMs());
    }
    assert.deepEqual(waits.slice(0, 4), [15_000, 15_000, 15_000, 15_000]);
    assert.ok(waits.at(-1) === 120_000);
  });

  it('polls at once when somebody comes back', async () => {
    clock.advance(100_000);
    schedule.succeeded();
    schedule.succeeded();
    let isOver = false;
    const waiting = schedule.wait(NEVER).then(() => {
      isOver = true;
    });
    await clock.run(20_000);
    assert.equal(isOver, false);
    schedule.used();
    await waiting;
  });

  it('backs off after failures, and as long as the server asked for', async () => {
    schedule.failed();
    assert.equal(await waitMs(), 5_000);
    schedule.failed();
    assert.equal(await waitMs(), 10_000);
    schedule.failed(300_000);
    assert.equal(await waitMs(), 300_000);
    schedule.succeeded();
  });

  it('stops by its signal, and wakes when told', async () => {
    const controller = new AbortController();
    const waiting = schedule.wait(controller.signal);
    controller.abort(new Error('stopping'));
    await assert.rejects(waiting, /stopping/);
    const woken = schedule.wait(NEVER);
    schedule.wake();
    await woken;
    assert.equal(clock.pendingTimers, 0);
  });
});
