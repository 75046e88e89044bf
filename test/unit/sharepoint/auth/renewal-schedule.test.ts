import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  measuredLife,
  pauseAfterFailure,
  renewalDueAt,
} from '../../../../src/sharepoint/auth/session/renewal-schedule.js';

const HOUR = 3_600_000;

function dueAfter(lifeMs: number | null, measuredLifeMs: number | null = null, jitter = 0): number {
  const renewedAt = 1_000_000;
  const expiresAt = lifeMs === null ? null : renewedAt + lifeMs;
  return renewalDueAt({ renewedAt, expiresAt, measuredLifeMs }, jitter) - renewedAt;
}

test('a day-long session is renewed daily, hours before its end', () => {
  for (const jitter of [0, 0.5, 0.999]) {
    const due = dueAfter(24 * HOUR, null, jitter);
    assert.ok(due <= 20 * HOUR && due >= 18 * HOUR - 1, String(due / HOUR));
  }
});

test('a session of half a minute is renewed in its last third', () => {
  for (const jitter of [0, 0.999]) {
    const due = dueAfter(30_000, null, jitter);
    assert.ok(due >= 20_000 && due <= 25_000, String(due));
  }
});

test('a session of many days is renewed daily all the same, so that the login host sees us', () => {
  assert.equal(dueAfter(30 * 24 * HOUR), 20 * HOUR);
});

test('without a known end, the measured life counts, else a guess', () => {
  assert.equal(dueAfter(null, 10 * HOUR), 8 * HOUR);
  assert.ok(dueAfter(null) < 8 * HOUR);
});

test('an end that is over already starts no storm', () => {
  assert.ok(dueAfter(-HOUR) > HOUR);
  assert.ok(dueAfter(10) >= 2_000);
});

test('a refusal teaches the life of sessions that do not tell, and only of those', () => {
  const life = { renewedAt: 0, expiresAt: null, measuredLifeMs: null };
  assert.equal(measuredLife(life, 5 * HOUR), 5 * HOUR);
  assert.equal(measuredLife({ ...life, expiresAt: 9 * HOUR }, 5 * HOUR), null);
  assert.equal(measuredLife(life, 10), null);
});

test('pauses double to five minutes', () => {
  assert.ok(pauseAfterFailure(1, 0.5) === 5_000);
  assert.ok(pauseAfterFailure(3, 0.5) === 20_000);
  assert.ok(pauseAfterFailure(50, 0.999) < 400_000);
});
