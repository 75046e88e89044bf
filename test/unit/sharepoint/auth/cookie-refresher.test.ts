import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../src/base/index.js';
import { CookieRefresher } from '../../../../src/sharepoint/auth/session/cookie-refresher.js';
import { SignInError } from '../../../../src/sharepoint/auth/sign-in-error.js';
import { NEVER_ABORTED } from '../../../support/auth-place.js';
import { FakeClock } from '../../../support/fake-clock.js';

const MINUTE_MS = 60_000;
const UNREACHABLE = new SignInError('unreachable', 'no answer');

function setUp(renew: () => Promise<void>) {
  const clock = new FakeClock();
  const plan = { dueAt: null as number | null, renewals: 0, looks: 0 };
  const refresher = new CookieRefresher({
    clock,
    log: silentLog,
    random: () => 0.5,
    lookEveryMs: 30_000,
    dueAt: () => plan.dueAt,
    renew: () => {
      plan.renewals += 1;
      return renew();
    },
    lookAround: async () => {
      plan.looks += 1;
    },
  });
  const stop = new AbortController();
  const running = refresher.run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { clock, plan, refresher, end };
}

test('renews when it is due, and not before', async () => {
  const { clock, plan, end } = setUp(async () => {
    plan.dueAt = null;
  });
  plan.dueAt = clock.now() + 10 * MINUTE_MS;
  await clock.run(10 * MINUTE_MS - 1_000);
  assert.equal(plan.renewals, 0);
  await clock.run(2_000);
  assert.equal(plan.renewals, 1);
  await clock.run(60 * MINUTE_MS);
  assert.equal(plan.renewals, 1);
  assert.ok(plan.looks > 100);
  await end();
});

test('after suspend the wall clock counts, within half a minute', async () => {
  const { clock, plan, end } = setUp(async () => {
    plan.dueAt = null;
  });
  plan.dueAt = clock.now() + 600 * MINUTE_MS;
  await clock.run(MINUTE_MS);
  clock.suspend(700 * MINUTE_MS);
  await clock.run(30_000);
  assert.equal(plan.renewals, 1);
  await end();
});

test('waking up forgets the pause that an earlier failure asked for', async () => {
  const { clock, plan, end } = setUp(() => Promise.reject(UNREACHABLE));
  plan.dueAt = 0;
  await clock.run(20 * MINUTE_MS);
  const before = plan.renewals;
  clock.suspend(8 * 60 * MINUTE_MS);
  await clock.run(31_000);
  assert.ok(plan.renewals > before);
  await end();
});

test('failures for a passing reason are tried again, ever more slowly', async () => {
  const { clock, plan, end } = setUp(() => Promise.reject(UNREACHABLE));
  plan.dueAt = 0;
  await clock.run(MINUTE_MS);
  assert.ok(plan.renewals >= 3 && plan.renewals <= 6, String(plan.renewals));
  await clock.run(60 * MINUTE_MS);
  assert.ok(plan.renewals < 30, String(plan.renewals));
  await end();
});

test('all who ask meanwhile share one renewal and its outcome', async () => {
  const failing = setUp(() => Promise.reject(UNREACHABLE));
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => failing.refresher.renew(NEVER_ABORTED)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.equal(failing.plan.renewals, 1);
  assert.ok(failing.refresher.isPausing);
  await failing.end();
});

test('the end of the daemon ends it at once', async () => {
  const { clock, plan, end } = setUp(async () => undefined);
  plan.dueAt = clock.now() + 60 * MINUTE_MS;
  await clock.run(1_000);
  await end();
  assert.equal(clock.pendingTimers, 0);
});
